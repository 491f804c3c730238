/// Lower-case hex digits.
enum HexText {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ id: UInt64) -> [UInt8] {
        (0..<16).map { digits[Int(id >> UInt64(60 - 4 * $0) & 15)] }
    }

    static func text(_ id: (high: UInt64, low: UInt64)) -> [UInt8] { text(id.high) + text(id.low) }
}
