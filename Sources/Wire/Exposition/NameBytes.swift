/// Which bytes may stand in legacy names.
enum NameBytes {
    /// One bit per ASCII byte: letters, digits, underscore and colon.
    private static let low: UInt64 = (0x3ff << 48) | (1 << 58)
    private static let high: UInt64 = (0x3ff_ffff << 1) | (0x3ff_ffff << 33) | (1 << 31)

    /// Letters, digits, `_` and `:`.
    @inline(__always)
    static func isMetricName(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? low : high
        return byte < 128 && word >> UInt64(byte & 63) & 1 != 0
    }

    /// Letters, digits and `_`.
    @inline(__always)
    static func isLabelName(_ byte: UInt8) -> Bool {
        isMetricName(byte) && byte != UInt8(ascii: ":")
    }

    /// Decimal digits.
    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
}
