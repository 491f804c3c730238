/// Finds what varies in a line: runs of letters and digits that have a digit in them. The rest is the line's template.
///
/// The idea is CLP's (Rodrigues et al., OSDI 2021). A variable is
/// - a UUID, or a run of at least 8 hexadecimal digits of one case,
/// - the digits of a run that is digits only, letters then digits (`host12`), or digits then letters (`35ms`),
/// - any other run with a digit in it,
/// - the byte 0x11, which is what marks a variable in a template's text and so must not lie in it.
///
/// So a variable's bytes are letters and digits, a UUID's dashes, or that one byte. Variables of hexadecimal digits with
/// letters begin and end where the run does.
package struct LineTokenizer {
    /// Stands for a variable in a template's text.
    static let mark: UInt8 = 0x11
    static let uuidLength = 36
    private static let shortestHex = 8

    /// What a byte is, as bits that are joined over a run.
    enum Class {
        static let digit: UInt8 = 1
        static let lowerHex: UInt8 = 2
        static let upperHex: UInt8 = 4
        static let letter: UInt8 = 8
        /// Only of UUIDs: a dash is no part of a run.
        static let dash: UInt8 = 16
    }

    /// Sendable: never written after it was filled, never freed.
    private struct Table: @unchecked Sendable {
        let classes: UnsafePointer<UInt8>

        init() {
            let classes = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
            classes.initialize(repeating: 0, count: 256)
            for byte in 0..<128 {
                switch UInt8(byte) {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): classes[byte] = Class.digit
                case UInt8(ascii: "a")...UInt8(ascii: "f"): classes[byte] = Class.lowerHex
                case UInt8(ascii: "A")...UInt8(ascii: "F"): classes[byte] = Class.upperHex
                case UInt8(ascii: "g")...UInt8(ascii: "z"), UInt8(ascii: "G")...UInt8(ascii: "Z"):
                    classes[byte] = Class.letter
                default: break
                }
            }
            self.classes = UnsafePointer(classes)
        }
    }

    private static let table = Table()
    /// Classes by byte.
    static var classes: UnsafePointer<UInt8> { table.classes }

    private let classes = LineTokenizer.table.classes

    /// A tokenizer.
    package init() {}

    /// What varies in a line.
    package struct Variable {
        /// Where it begins in the text.
        package let start: Int
        /// Where it ends.
        package let end: Int
        /// What its bytes are, as bits of `Class`; a mark is a letter.
        let kinds: UInt8
        /// Whether it mixes digits with letters that need not be hexadecimal.
        let isMixed: Bool
    }

    /// The first variable in `from..<end` of `text`, where `from` is the start of a line or the end of its last variable.
    package func next(in text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Variable? {
        let at = nextMark(text, from, end)
        return at < end ? variable(in: text, at: at, from, end) : nil
    }

    /// The variable that has the digit or mark `text[at]` in it, the first in `from..<end`.
    func variable(in text: UnsafePointer<UInt8>, at: Int, _ from: Int, _ end: Int) -> Variable {
        if text[at] == Self.mark { return Variable(start: at, end: at + 1, kinds: Class.letter, isMixed: false) }
        var first = at
        var joined = Class.digit
        while first > from, classes[Int(text[first - 1])] != 0 {
            first -= 1
            joined |= classes[Int(text[first])]
        }
        var afterDigits = at + 1
        while afterDigits < end, classes[Int(text[afterDigits])] == Class.digit { afterDigits += 1 }
        var last = afterDigits
        var tail: UInt8 = 0
        // Ids are long.
        while last + ShortText.wordBytes <= end, let kinds = Self.hexKinds(ShortText.word(text + last)) {
            tail |= kinds
            last += ShortText.wordBytes
        }
        while last < end {
            let kind = classes[Int(text[last])]
            guard kind != 0 else { break }
            tail |= kind
            last += 1
        }
        joined |= tail
        if Self.isHex(joined) {
            if last - first == 8, let kinds = uuid(text, first, end) {
                return Variable(start: first, end: first + Self.uuidLength, kinds: kinds, isMixed: false)
            }
            if joined != Class.digit, last - first >= Self.shortestHex {
                return Variable(start: first, end: last, kinds: joined, isMixed: false)
            }
        }
        if tail & Class.digit == 0, first == at || afterDigits == last {
            return Variable(start: at, end: afterDigits, kinds: Class.digit, isMixed: false)
        }
        return Variable(start: first, end: last, kinds: joined, isMixed: true)
    }

    /// Whether digits right behind a text without digits are a variable without it, whatever they are, if no letter or
    /// digit follows and they are fewer than 8: its last letters are no beginning of a hexadecimal run.
    func standsApart(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var joined: UInt8 = 0
        var at = end
        while at > start, classes[Int(text[at - 1])] != 0 {
            at -= 1
            joined |= classes[Int(text[at])]
        }
        return at == end || !Self.isHex(joined)
    }

    /// The classes of eight bytes that are all digits or letters from `a` to `f`.
    @inline(__always)
    private static func hexKinds(_ word: UInt64) -> UInt8? {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        // The upper bit of each byte says whether the byte is no digit, no letter up to `f`, and none before `a`.
        let digits = word ^ 0x3030_3030_3030_3030
        let others = (digits & low) &+ 0x7676_7676_7676_7676 | digits
        let letters = word ^ 0x6060_6060_6060_6060
        let beyond = (letters & low) &+ 0x7979_7979_7979_7979 | letters
        let isSome = (letters & low) &+ low
        guard (others & (beyond | ~isSome)) & ~low == 0 else { return nil }
        let areDigits = others & ~low
        return (areDigits == ~low ? 0 : Class.digit) | (areDigits == 0 ? 0 : Class.lowerHex)
    }

    /// Whether the bytes of these classes are hexadecimal digits of one case.
    @inline(__always)
    private static func isHex(_ joined: UInt8) -> Bool {
        let cases = Class.lowerHex | Class.upperHex
        return joined & Class.letter == 0 && joined & cases != cases
    }

    /// The first digit or mark in `from..<end`, or `end`.
    @inline(__always)
    func nextMark(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at + 8 <= end {
            let word = UInt64(littleEndian: UnsafeRawPointer(text + at).loadUnaligned(as: UInt64.self))
            let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
            // The upper bit of each byte says whether the byte is no digit, and whether it is no mark.
            let digits = word ^ 0x3030_3030_3030_3030
            let others = (digits & low) &+ 0x7676_7676_7676_7676 | digits
            let marks = word ^ 0x1111_1111_1111_1111
            let unmarked = (marks & low) &+ low | marks
            let hits = ~(others & unmarked) & ~low
            if hits != 0 { return at + hits.trailingZeroBitCount >> 3 }
            at += 8
        }
        while at < end, text[at] &- 48 >= 10, text[at] != Self.mark { at += 1 }
        return at
    }

    /// What the bytes of a UUID of one case are that begins at `start`, if one does.
    private func uuid(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> UInt8? {
        guard end - start >= Self.uuidLength else { return nil }
        if end - start > Self.uuidLength, classes[Int(text[start + Self.uuidLength])] != 0 { return nil }
        var joined: UInt8 = 0
        for place in 0..<Self.uuidLength {
            let byte = text[start + place]
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                let kind = classes[Int(byte)]
                guard kind != 0 else { return nil }
                joined |= kind
            }
        }
        return Self.isHex(joined) ? joined | Class.dash : nil
    }
}
