import MartletCore

/// Ids as lower-case hex digits.
enum HexText {
    static func text(_ id: UInt64) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(16)
        append(id, to: &out)
        return out
    }

    static func text(_ id: (high: UInt64, low: UInt64)) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(32)
        append(id.high, to: &out)
        append(id.low, to: &out)
        return out
    }

    private static func append(_ id: UInt64, to out: inout [UInt8]) {
        withUnsafeBytes(of: id.bigEndian) { Hex.append($0, to: &out) }
    }
}
