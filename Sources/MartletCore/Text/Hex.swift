/// Hexadecimal text of ids, digests and the like.
package enum Hex {
    private static let digits = [UInt8]("0123456789abcdef".utf8)

    /// The value of an ASCII hex digit of any case.
    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    /// Appends `bytes` as lower-case digits to `out`.
    package static func append(_ bytes: some Sequence<UInt8>, to out: inout [UInt8]) {
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
    }

    /// `bytes` as lower-case digits.
    package static func text(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        append(bytes, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// `bytes` as lower-case digits.
    @inlinable
    package static func text(_ bytes: some Sequence<UInt8>) -> String { text(Array(bytes)) }

    /// A number as lower-case digits, zeros in front included: two for each byte of its type.
    @inlinable
    package static func text(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
        withUnsafeBytes(of: number.bigEndian) { text(Array($0)) }
    }
}
