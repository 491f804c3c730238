/// Milliseconds since 1970-01-01T00:00:00Z, the time of every metric sample.
package struct TimestampMs: Hashable, Comparable, Sendable {
    package var rawValue: Int64

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// From Unix seconds as a number: nil when it is not finite or out of range. Rounded to the millisecond.
    package init?(unixSeconds: Double) {
        let milliseconds = (unixSeconds * 1000).rounded()
        guard milliseconds >= -9_223_372_036_854_775_808, milliseconds < 9_223_372_036_854_775_808 else { return nil }
        rawValue = Int64(milliseconds)
    }

    /// From an API parameter: Unix seconds as a decimal number, or RFC 3339.
    package init?(parameter text: String) {
        if let seconds = Double(text) {
            self.init(unixSeconds: seconds)
        } else if let moment = RFC3339.parse(text) {
            self.init(moment.unixMilliseconds)
        } else {
            return nil
        }
    }

    /// Seconds since 1970 as a number.
    package var unixSeconds: Double { Double(rawValue) / 1000 }

    /// Bytes that `writeSeconds` writes at most.
    package static let maxBytes = 24

    /// Writes the seconds as Prometheus' JSON does: `1.5`, `1700000000`, `1700000000.123`; gives how many bytes.
    package func writeSeconds(to out: UnsafeMutablePointer<UInt8>) -> Int {
        let magnitude = rawValue.magnitude
        var end = out
        if rawValue < 0 {
            end[0] = UInt8(ascii: "-")
            end += 1
        }
        end += FloatText.write(Int64(magnitude / 1000), to: end)
        let fraction = Int(magnitude % 1000)
        if fraction == 0 { return end - out }
        end[0] = UInt8(ascii: ".")
        end[1] = UInt8(ascii: "0") + UInt8(fraction / 100)
        end[2] = UInt8(ascii: "0") + UInt8(fraction / 10 % 10)
        end[3] = UInt8(ascii: "0") + UInt8(fraction % 10)
        return end - out + 4
    }

    /// As `writeSeconds`, to the end of an array.
    package func appendSeconds(to out: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.maxBytes) { buffer in
            guard let base = buffer.baseAddress else { return }
            let count = writeSeconds(to: base)
            out.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
        }
    }

    package static func < (a: TimestampMs, b: TimestampMs) -> Bool { a.rawValue < b.rawValue }
}

extension TimestampMs: CustomStringConvertible {
    /// RFC 3339 with milliseconds.
    package var description: String {
        var seconds = rawValue / 1000
        var rest = rawValue % 1000
        if rest < 0 {
            rest += 1000
            seconds -= 1
        }
        var out: [UInt8] = []
        RFC3339.append(seconds: seconds, nanosecond: Int(rest) * 1_000_000, fraction: .milliseconds, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
