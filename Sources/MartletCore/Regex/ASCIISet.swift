/// A set of ASCII characters, one bit each.
struct ASCIISet: Hashable, Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    static let all = ASCIISet(0...127)
    static let digits = ASCIISet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    static let lower = ASCIISet(UInt8(ascii: "a")...UInt8(ascii: "z"))
    static let upper = ASCIISet(UInt8(ascii: "A")...UInt8(ascii: "Z"))
    static let letters = lower.union(upper)
    /// What `\w` matches, and what word boundaries are told by.
    static let word = letters.union(digits).union(ASCIISet(UInt8(ascii: "_")))
    /// What `\s` matches.
    static let space = ASCIISet(9...10).union(ASCIISet(12...13)).union(ASCIISet(32))
    static let newline = ASCIISet(10)

    init() {}

    init(_ byte: UInt8) { insert(byte) }

    init(_ range: ClosedRange<UInt8>) {
        for byte in range { insert(byte) }
    }

    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low >> UInt64(byte) & 1 != 0 : byte < 128 && high >> UInt64(byte & 63) & 1 != 0
    }

    mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte & 63) }
    }

    func union(_ other: ASCIISet) -> ASCIISet {
        var union = self
        union.low |= other.low
        union.high |= other.high
        return union
    }

    var inverted: ASCIISet {
        var inverted = self
        inverted.low = ~low
        inverted.high = ~high
        return inverted
    }

    /// With both cases of its letters. The two other characters that are folded into ASCII, U+017F and U+212A, are none.
    var folded: ASCIISet {
        // The letters of both cases are 32 bits from each other in the upper half.
        let letters: UInt64 = 0x07FF_FFFE
        var folded = self
        folded.high |= (high & letters) << 32 | (high >> 32 & letters)
        return folded
    }

    /// The set of a POSIX class, such as `alpha`.
    init?(posix name: some Sequence<UInt8>) {
        switch String(decoding: Array(name), as: UTF8.self) {
        case "alnum": self = .letters.union(.digits)
        case "alpha": self = .letters
        case "ascii": self = .all
        case "blank": self = ASCIISet(9).union(ASCIISet(32))
        case "cntrl": self = ASCIISet(0...31).union(ASCIISet(127))
        case "digit": self = .digits
        case "graph": self = ASCIISet(33...126)
        case "lower": self = .lower
        case "print": self = ASCIISet(32...126)
        case "punct":
            self = ASCIISet(33...47).union(ASCIISet(58...64)).union(ASCIISet(91...96)).union(ASCIISet(123...126))
        case "space": self = ASCIISet(9...13).union(ASCIISet(32))
        case "upper": self = .upper
        case "word": self = .word
        case "xdigit":
            self = .digits.union(ASCIISet(UInt8(ascii: "a")...UInt8(ascii: "f"))).union(
                ASCIISet(UInt8(ascii: "A")...UInt8(ascii: "F")))
        default: return nil
        }
    }
}
