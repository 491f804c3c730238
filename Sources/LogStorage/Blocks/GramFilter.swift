import MartletCore

/// Says of a text whether lines may contain it: a Bloom filter over the lines' grams of four bytes.
///
/// Only grams that cannot lie on a number or a hexadecimal id are in it: those without a digit, in which every run of
/// letters has one beyond `f`. So the filter's size depends on the words of the lines and not on their ids, and most
/// grams come from templates, each of which is looked at once.
///
/// Bytes: the filter's bits; none when the grams were too many for it to be worth its size, which means "may contain".
struct GramFilter {
    static let gramBytes = 4
    private static let probes = 3
    private static let bitsPerGram = 9

    /// Whether the gram that `word` holds (first byte lowest) belongs into filters.
    @inline(__always)
    static func isEligible(_ word: UInt32) -> Bool {
        let classes = LineTokenizer.classes
        let hex = LineTokenizer.Class.lowerHex | LineTokenizer.Class.upperHex
        var word = word
        var run: UInt8 = 0
        var hasLetters = false
        for _ in 0..<gramBytes {
            let byte = UInt8(truncatingIfNeeded: word)
            let kind = classes[Int(byte)]
            if kind & LineTokenizer.Class.digit != 0 || byte == LineTokenizer.mark { return false }
            if kind == 0 {
                if run != 0, run & ~hex == 0 { return false }
                run = 0
            } else {
                run |= kind
                hasLetters = true
            }
            word >>= 8
        }
        if run != 0, run & ~hex == 0 { return false }
        // Grams of blanks and quotes are everywhere.
        return hasLetters
    }

    /// The upper bits of the bytes that are digits.
    @inline(__always)
    private static func digits(_ word: UInt32) -> UInt32 {
        let digits = word ^ 0x3030_3030
        return ~((digits & 0x7F7F_7F7F) &+ 0x7676_7676 | digits) & 0x8080_8080
    }

    /// The distinct eligible grams of some texts.
    struct Builder {
        private var slots = [UInt32](repeating: 0, count: 1024)
        private var count = 0

        /// Adds the grams that begin in `start..<end` of `text` and end before `limit`.
        mutating func add(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, limit: Int) {
            var at = start
            let last = min(end, limit - GramFilter.gramBytes + 1)
            while at < last {
                let word = UInt32(littleEndian: UnsafeRawPointer(text + at).loadUnaligned(as: UInt32.self))
                let digits = GramFilter.digits(word)
                if digits != 0 {
                    // The next gram without a digit begins behind the last of these.
                    at += 4 - digits.leadingZeroBitCount / 8
                } else {
                    if GramFilter.isEligible(word) { insert(word) }
                    at += 1
                }
            }
        }

        private mutating func insert(_ word: UInt32) {
            if count * 2 >= slots.count { grow() }
            // No eligible gram is zero: it has a letter.
            let mask = slots.count - 1
            var place = Int(truncatingIfNeeded: GramFilter.mix(word) >> 32) & mask
            while slots[place] != 0 {
                if slots[place] == word { return }
                place = (place + 1) & mask
            }
            slots[place] = word
            count += 1
        }

        private mutating func grow() {
            let old = slots
            slots = [UInt32](repeating: 0, count: old.count * 2)
            count = 0
            for word in old where word != 0 { insert(word) }
        }

        /// The filter's bytes, of which there are at most `limit`.
        func finish(limit: Int) -> [UInt8] {
            let wanted = (count * GramFilter.bitsPerGram + 63) / 64 * 8
            // With half the bits most answers would be "may contain".
            guard wanted <= limit * 2 else { return [] }
            let size = max(8, min(wanted, limit / 8 * 8))
            var bits = [UInt8](repeating: 0, count: size)
            for word in slots where word != 0 {
                GramFilter.forEachBit(of: word, bitCount: size * 8) { bits[$0 >> 3] |= 1 << UInt8($0 & 7) }
            }
            return bits
        }
    }

    /// Whether lines behind a filter's bytes may contain `needle`.
    static func mayContain(_ needle: UnsafeRawBufferPointer, filter: UnsafeRawBufferPointer) -> Bool {
        guard !filter.isEmpty, needle.count >= gramBytes else { return true }
        for at in 0...(needle.count - gramBytes) {
            let word = UInt32(littleEndian: needle.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            guard isEligible(word) else { continue }
            var isThere = true
            forEachBit(of: word, bitCount: filter.count * 8) {
                isThere = isThere && filter[$0 >> 3] & 1 << UInt8($0 & 7) != 0
            }
            if !isThere { return false }
        }
        return true
    }

    /// Whether a filter may say that lines do not contain `needle`.
    static func mayExclude(_ needle: UnsafeRawBufferPointer) -> Bool {
        guard needle.count >= gramBytes else { return false }
        return (0...(needle.count - gramBytes)).contains { at in
            isEligible(UInt32(littleEndian: needle.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
        }
    }

    private static func mix(_ word: UInt32) -> UInt64 {
        var hash = UInt64(word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
        return hash &* 0xBF58_476D_1CE4_E5B9
    }

    @inline(__always)
    private static func forEachBit(of word: UInt32, bitCount: Int, _ body: (Int) -> Void) {
        let hash = mix(word)
        var probe = UInt32(truncatingIfNeeded: hash)
        let step = UInt32(truncatingIfNeeded: hash >> 32) | 1
        for _ in 0..<probes {
            body(Int((UInt64(probe) * UInt64(bitCount)) >> 32))
            probe &+= step
        }
    }
}
