import MartletCore

/// Names that begin with the time at which they were made, so that they sort by it: `20060102T150405Z-1a2b3c4d`. Of the eight
/// hexadecimal digits three are its milliseconds, the others are random.
package enum StampedName {
    /// A new name for a time in milliseconds since 1970.
    package static func make(_ nowMs: Int64) -> String {
        "\(stamp(nowMs))-\(Hex.text(UInt32(nowMs % 1000) << 20 | UInt32.random(in: 0..<1 << 20)))"
    }

    /// A time in milliseconds since 1970 as `20060102T150405Z`.
    package static func stamp(_ nowMs: Int64) -> String {
        RFC3339.format(unixNanoseconds: nowMs / 1000 * 1_000_000_000).filter { $0 != "-" && $0 != ":" }
    }

    /// When a name was made, in milliseconds since 1970; nil for one that was not made here.
    package static func timeMs(of name: String) -> Int64? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 8, parts[1].utf8.allSatisfy({ Hex.value(of: $0) != nil }) else {
            return nil
        }
        let digits = Array(parts[0])
        guard digits.count == 16 else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        let text =
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))\(part(8..<11)):\(part(11..<13)):\(part(13..<16))"
        return RFC3339.parse(text)?.unixMilliseconds
    }
}
