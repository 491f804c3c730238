/// Hexadecimal digits and UUIDs from their bytes.
enum HexText {
    /// Sendable: never written after it was filled, never freed.
    private struct Table: @unchecked Sendable {
        let pairs: UnsafePointer<UInt16>

        init(digits: StaticString) {
            let pairs = UnsafeMutablePointer<UInt16>.allocate(capacity: 256)
            let text = digits.utf8Start
            for byte in 0..<256 {
                pairs[byte] = UInt16(littleEndian: UInt16(text[byte >> 4]) | UInt16(text[byte & 15]) << 8)
            }
            self.pairs = UnsafePointer(pairs)
        }
    }

    private static let lower = Table(digits: "0123456789abcdef")
    private static let upper = Table(digits: "0123456789ABCDEF")

    /// The two digits of each byte, as they lie in memory.
    static func pairs(isUpper: Bool) -> UnsafePointer<UInt16> { isUpper ? upper.pairs : lower.pairs }

    /// Writes `digits` digits of a value of `stride` bytes; when odd, the first byte has one.
    @inline(__always)
    static func write(
        _ value: UnsafePointer<UInt8>, digits: Int, stride: Int, pairs: UnsafePointer<UInt16>,
        to out: UnsafeMutableRawPointer
    ) -> Int {
        var out = out
        var index = 0
        if digits & 1 != 0 {
            out.storeBytes(
                of: UInt8(truncatingIfNeeded: UInt16(littleEndian: pairs[Int(value[0])]) >> 8), as: UInt8.self)
            out += 1
            index = 1
        }
        while index < stride {
            out.storeBytes(of: pairs[Int(value[index])], as: UInt16.self)
            out += 2
            index += 1
        }
        return digits
    }

    /// Writes a UUID of 16 bytes.
    static func writeUUID(
        _ value: UnsafePointer<UInt8>, pairs: UnsafePointer<UInt16>, to out: UnsafeMutableRawPointer
    ) -> Int {
        var place = 0
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                out.storeBytes(of: UInt8(ascii: "-"), toByteOffset: place, as: UInt8.self)
                place += 1
            }
            out.storeBytes(of: pairs[Int(value[index])], toByteOffset: place, as: UInt16.self)
            place += 2
        }
        return LineTokenizer.uuidLength
    }
}
