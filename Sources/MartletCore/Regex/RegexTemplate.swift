/// A replacement text with Go's references to groups: `$1`, `$name`, `${1}`, `${name}`, and `$$` for a dollar sign.
///
/// A reference to a group that the expression has not gives nothing; a `$` that begins no reference stands for itself.
package struct RegexTemplate: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case text([UInt8])
        case group(Int)
    }

    let pieces: [Piece]

    /// Resolves the references against the expression's groups.
    package init(_ text: String, for regex: Regex) {
        let bytes = Array(text.utf8)
        var pieces: [Piece] = []
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "$") else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "$") {
                plain.append(UInt8(ascii: "$"))
                index += 2
                continue
            }
            guard let (name, end) = RegexTemplate.reference(bytes, index + 1) else {
                plain.append(UInt8(ascii: "$"))
                index += 1
                continue
            }
            if !plain.isEmpty { pieces.append(.text(plain)) }
            plain = []
            if let group = RegexTemplate.group(name, regex) { pieces.append(.group(group)) }
            index = end
        }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        self.pieces = pieces
    }

    /// A text that stands for itself, dollar signs too.
    package init(literal text: String) { pieces = [.text(Array(text.utf8))] }

    /// True when the text refers to no group.
    package var isConstant: Bool {
        pieces.allSatisfy { if case .text = $0 { true } else { false } }
    }

    private static func reference(_ bytes: [UInt8], _ start: Int) -> (name: ArraySlice<UInt8>, end: Int)? {
        guard start < bytes.count else { return nil }
        let braced = bytes[start] == UInt8(ascii: "{")
        let first = braced ? start + 1 : start
        var end = first
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        if end == first { return nil }
        if braced {
            guard end < bytes.count, bytes[end] == UInt8(ascii: "}") else { return nil }
            return (bytes[first..<end], end + 1)
        }
        return (bytes[first..<end], end)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func group(_ name: ArraySlice<UInt8>, _ regex: Regex) -> Int? {
        if name.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {
            guard let index = Int(String(decoding: name, as: UTF8.self)), index <= regex.groupCount else { return nil }
            // Go reads a number with a leading zero as a name.
            return name.count > 1 && name.first == UInt8(ascii: "0") ? nil : index
        }
        return regex.groupNames.firstIndex(of: String(decoding: name, as: UTF8.self)).map { $0 + 1 }
    }
}
