/// Places in a prepared text that are filled anew each time: ids and numbers that no two lines or spans share.
struct Blanks: Sendable {
    /// Digits at a place.
    struct Blank: Sendable {
        let offset: Int
        let count: Int
        let isHexadecimal: Bool
    }

    /// Stands for a hexadecimal digit in templates…
    static let hexadecimal: UInt8 = 1
    /// …and this for a decimal one.
    static let decimal: UInt8 = 2

    /// By offset.
    private(set) var places: [Blank] = []

    /// The blanks of a text in which runs of the two bytes stand for digits.
    init(in text: [UInt8]) {
        var offset = 0
        while offset < text.count {
            let mark = text[offset]
            guard mark == Self.hexadecimal || mark == Self.decimal else {
                offset += 1
                continue
            }
            let end = text[offset...].firstIndex { $0 != mark } ?? text.count
            places.append(Blank(offset: offset, count: end - offset, isHexadecimal: mark == Self.hexadecimal))
            offset = end
        }
    }

    /// Text of so many hexadecimal digits to come.
    static func hexadecimal(_ count: Int) -> String { String(repeating: "\u{1}", count: count) }
    /// Text of so many decimal digits to come.
    static func decimal(_ count: Int) -> String { String(repeating: "\u{2}", count: count) }

    /// Fills the blanks of a copy of the text at `text`.
    /// - Parameter identity: decides about the digits.
    @inline(__always)
    func fill(_ text: UnsafeMutablePointer<UInt8>, _ identity: UInt64) {
        for (number, blank) in places.enumerated() {
            Self.fill(text + blank.offset, blank, Mixing.mix(identity, UInt64(number)))
        }
    }

    @inline(__always)
    private static func fill(_ start: UnsafeMutablePointer<UInt8>, _ blank: Blank, _ random: UInt64) {
        var rest = random
        for digit in 0..<blank.count {
            if digit & 15 == 15 { rest = Mixing.mix(random, UInt64(digit)) }
            if blank.isHexadecimal {
                let nibble = UInt8(truncatingIfNeeded: rest & 15)
                start[digit] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble
                rest >>= 4
            } else {
                start[digit] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
    }
}
