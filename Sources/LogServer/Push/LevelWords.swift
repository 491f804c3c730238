import MartletCore

/// Words of a line that name a level. As in Loki (`detectLevelFromLogLine`) such a word stands by itself: `inform` names none, nor
/// does `kind:error`, but `error:` does.
enum LevelWords {
    /// The level that the first of them names, in any case. Every line without a level's field is read whole for it, so it looks
    /// at eight places at a time.
    static func first(in line: UnsafeRawBufferPointer) -> LogLevel? {
        if let level = word(line, 0) { return level }
        var place = 0
        while place + 9 <= line.count {
            let before = UInt64(littleEndian: line.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let first = UInt64(littleEndian: line.loadUnaligned(fromByteOffset: place + 1, as: UInt64.self))
            var begins = mayBegin(first, behind: before)
            while begins != 0 {
                let start = place + begins.trailingZeroBitCount / 8 + 1
                if let level = word(line, start), isLeftBoundary(line[start - 1]) { return level }
                begins &= begins - 1
            }
            place += 8
        }
        while place + 3 < line.count {
            if isLeftBoundary(line[place]), let level = word(line, place + 1) { return level }
            place += 1
        }
        return nil
    }

    // MARK: Eight places at a time

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The high bits of those bytes of `first` that may be a word's first letter and have a byte before them, in the same place of
    /// `before`, that may be a boundary. All that are have them, and a few more: letters among c…i and t…w, and bytes up to `(`, `=`
    /// and `[`, `\`, `{` and `|`.
    private static func mayBegin(_ first: UInt64, behind before: UInt64) -> UInt64 {
        let fold = 0x20 &* ones
        let letters = isWithin(first | fold, 0x63...0x69) | isWithin(first | fold, 0x74...0x77)
        let boundaries =
            ~isAtLeast(before, 0x29) | isWithin(before, 0x3D...0x3D) | isWithin(before | fold, 0x7B...0x7C)
        return letters & boundaries & ~first & ~before & highs
    }

    @inline(__always)
    private static func isWithin(_ bytes: UInt64, _ range: ClosedRange<UInt64>) -> UInt64 {
        isAtLeast(bytes, range.lowerBound) & ~isAtLeast(bytes, range.upperBound + 1)
    }

    /// The high bits of those bytes, of 7 bits each, that are at least `least`; other bits say nothing.
    @inline(__always)
    private static func isAtLeast(_ bytes: UInt64, _ least: UInt64) -> UInt64 {
        (bytes & ~highs) &+ (0x80 - least) &* ones
    }

    // MARK: One place

    /// The level whose word begins at `start`.
    private static func word(_ line: UnsafeRawBufferPointer, _ start: Int) -> LogLevel? {
        guard start + 4 <= line.count else { return stands("err", line, start) ? .error : nil }
        // Of no other byte than the two cases of a letter this is the letter. The first one lowest.
        let head = UInt32(littleEndian: line.loadUnaligned(fromByteOffset: start, as: UInt32.self)) | 0x2020_2020
        return switch head {
        // trac, debu, fata, crit, erro, warn, info
        case 0x6361_7274: stands("trace", line, start) ? .trace : nil
        case 0x7562_6564: stands("debug", line, start) ? .debug : nil
        case 0x6174_6166: stands("fatal", line, start) ? .fatal : nil
        case 0x7469_7263: stands("critical", line, start) ? .critical : nil
        case 0x6F72_7265: stands("error", line, start) ? .error : nil
        case 0x6E72_6177: stands("warn", line, start) || stands("warning", line, start) ? .warn : nil
        case 0x6F66_6E69: stands("info", line, start) ? .info : nil
        default: head & 0xFF_FFFF == 0x72_7265 && stands("err", line, start) ? .error : nil
        }
    }

    /// Whether a word, in lower case, begins at `start` and ends before something that is no part of it.
    private static func stands(_ word: StaticString, _ line: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        let end = start + word.utf8CodeUnitCount
        guard end <= line.count else { return false }
        for place in 0..<word.utf8CodeUnitCount where line[start + place] | 0x20 != word.utf8Start[place] {
            return false
        }
        return end == line.count || isRightBoundary(line[end])
    }

    private static func isLeftBoundary(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "["), UInt8(ascii: "("),
            UInt8(ascii: "{"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "="), UInt8(ascii: "|"):
            true
        default: false
        }
    }

    private static func isRightBoundary(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: "}"), UInt8(ascii: ":"), UInt8(ascii: ","),
            UInt8(ascii: "!"):
            true
        default: isLeftBoundary(byte)
        }
    }
}
