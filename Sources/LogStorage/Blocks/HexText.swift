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

    /// The digits of a UUID with a dash before them.
    static let dashes = [8, 12, 16, 20]

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

    /// The value of eight digits of either case, which `word` holds, the first one lowest.
    @inline(__always)
    static func value(_ word: UInt64) -> UInt32 {
        // '0'...'9' end in their value, letters of both cases in their place in the alphabet; only letters have bit 6.
        let digits = (word & 0x0F0F_0F0F_0F0F_0F0F) &+ (word >> 6 & 0x0101_0101_0101_0101) &* 9
        // Pairs go together in every second byte, and these move together.
        let pairs = (digits << 4 | digits >> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: fours | fours >> 16)
    }

    /// Writes the value of `count` digits, an odd first digit to a byte of its own: `(count + 1) / 2` bytes.
    @inline(__always)
    static func parse(_ text: UnsafePointer<UInt8>, count: Int, to out: UnsafeMutableRawPointer) {
        var at = count & 1
        var place = at
        if at != 0 { out.storeBytes(of: digit(text[0]), as: UInt8.self) }
        while at + 8 <= count {
            out.storeBytes(of: value(ShortText.word(text + at)).littleEndian, toByteOffset: place, as: UInt32.self)
            at += 8
            place += 4
        }
        while at < count {
            out.storeBytes(of: digit(text[at]) << 4 | digit(text[at + 1]), toByteOffset: place, as: UInt8.self)
            at += 2
            place += 1
        }
    }

    /// Writes the 16 bytes of a UUID.
    @inline(__always)
    static func parseUUID(_ text: UnsafePointer<UInt8>, to out: UnsafeMutableRawPointer) {
        parse(text, count: 8, to: out)
        parse(text + 9, count: 4, to: out + 4)
        parse(text + 14, count: 4, to: out + 6)
        parse(text + 19, count: 4, to: out + 8)
        parse(text + 24, count: 12, to: out + 10)
    }

    @inline(__always)
    private static func digit(_ byte: UInt8) -> UInt8 { byte & 15 &+ (byte >> 6 & 1) &* 9 }
}
