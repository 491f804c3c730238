import Glibc

/// One line of a kernel file.
package struct HostLine: Sendable {
    /// The file, for errors.
    package let path: String
    /// Counts from 1.
    package let number: Int
    /// Without the line feed.
    package let text: ArraySlice<UInt8>

    /// The fields between runs of blanks and tabs.
    package var fields: [ArraySlice<UInt8>] {
        text.split { $0 == 0x20 || $0 == 0x09 }
    }

    /// The line as text; invalid UTF-8 becomes U+FFFD.
    package var string: String { String(decoding: text, as: UTF8.self) }

    /// The error that names this line.
    package func malformed(_ what: String) -> HostError {
        .malformed(path: path, line: number, what: what)
    }

    /// The field at `index` as an unsigned decimal.
    package func count(_ fields: [ArraySlice<UInt8>], _ index: Int) throws(HostError) -> Double {
        guard index < fields.count else { throw malformed("field \(index + 1) is missing") }
        guard let value = HostLine.unsigned(fields[index]) else {
            throw malformed(
                "field \(index + 1) is not a number: \(String(decoding: fields[index].prefix(32), as: UTF8.self))")
        }
        return Double(value)
    }

    /// Decimal digits only, nil on anything else or overflow.
    package static func unsigned(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(UInt64(byte - 0x30))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// Like `unsigned`, with an optional minus sign in front.
    package static func signed(_ text: ArraySlice<UInt8>) -> Double? {
        if text.first == 0x2D { return unsigned(text.dropFirst()).map { -Double($0) } }
        return unsigned(text).map { Double($0) }
    }

    /// Hexadecimal digits without a prefix.
    package static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// A decimal fraction such as `0.25`.
    package static func fraction(_ text: ArraySlice<UInt8>) -> Double? {
        Double(String(decoding: text, as: UTF8.self))
    }
}
