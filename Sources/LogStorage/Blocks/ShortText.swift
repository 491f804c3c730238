import Glibc

/// Texts of a few bytes, a word at a time: most variables and pieces of templates are shorter than a call is long.
enum ShortText {
    static let wordBytes = 8

    /// The last bytes of `text[end - count..<end]`, at most 8: the last one highest, zeros below the first.
    @inline(__always)
    static func lastWord(_ text: UnsafePointer<UInt8>, end: Int, count: Int) -> UInt64 {
        if count >= 8 { return word(text + end - 8) }
        // What lies before the text is shifted out.
        if end >= 8 { return word(text + end - 8) & ~(UInt64.max >> UInt64(8 * count)) }
        var word: UInt64 = 0
        for place in end - count..<end { word = word >> 8 | UInt64(text[place]) << 56 }
        return word
    }

    /// The first bytes of a text, at most 8: the first one lowest, zeros behind the last.
    static func firstWord(_ text: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        if count >= 8 { return word(text) }
        var word: UInt64 = 0
        for place in (0..<count).reversed() { word = word << 8 | UInt64(text[place]) }
        return word
    }

    /// Ones where a text of `count` bytes has bytes in its first word.
    static func mask(_ count: Int) -> UInt64 { count >= 8 ? .max : 1 << UInt64(8 * count) - 1 }

    /// Eight bytes, the first one lowest.
    @inline(__always)
    static func word(_ text: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    private static func half(_ text: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt32.self))
    }

    /// Whether `count` bytes are the same.
    @inline(__always)
    static func isEqual(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if count > 32 { return memcmp(a, b, count) == 0 }
        if count >= 8 {
            var at = 0
            while at < count - 8 {
                if word(a + at) != word(b + at) { return false }
                at += 8
            }
            return word(a + count - 8) == word(b + count - 8)
        }
        if count >= 4 { return half(a) == half(b) && half(a + count - 4) == half(b + count - 4) }
        for at in 0..<count where a[at] != b[at] { return false }
        return true
    }

    /// A hash for tables that look at the bytes besides.
    @inline(__always)
    static func hash(_ text: UnsafePointer<UInt8>, _ count: Int, seed: UInt64 = 0) -> UInt64 {
        var hash = mix(seed ^ UInt64(count) << 32, 0xBF58_476D_1CE4_E5B9)
        if count >= 8 {
            var at = 0
            while at < count - 8 {
                hash = mix(hash ^ word(text + at), factor)
                at += 8
            }
            return mix(hash ^ word(text + count - 8), factor)
        }
        if count >= 4 { return mix(hash ^ UInt64(half(text)) << 32 ^ UInt64(half(text + count - 4)), factor) }
        if count == 0 { return hash }
        let ends = UInt64(text[0]) << 16 | UInt64(text[count / 2]) << 8 | UInt64(text[count - 1])
        return mix(hash ^ ends, factor)
    }

    /// A hash of a number.
    @inline(__always)
    static func hash(_ number: UInt64) -> UInt64 { mix(number ^ 0xBF58_476D_1CE4_E5B9, factor) }

    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
