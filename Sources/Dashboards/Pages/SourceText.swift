/// Scripts and styles as browsers get them: without the comments that have lines of their own, a sixth of the bytes.
///
/// Lines keep their numbers, so that what a browser says of a line is found in the source. Comments beside code stay. What looks
/// like a comment at the beginning of a line is one in all our files: `Tests/Web/comments.test.mjs` holds them against a parser.
package enum SourceText {
    /// The text with such comments emptied.
    package static func withoutComments(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            let start = text[at...].firstIndex { $0 != space && $0 != tab } ?? text.count
            if let end = endOfComment(text, at: start) {
                result.append(contentsOf: repeatElement(newline, count: text[start..<end].count { $0 == newline }))
                at = end
            }
            let end = text[at...].firstIndex(of: newline).map { $0 + 1 } ?? text.count
            result.append(contentsOf: text[at..<end])
            at = end
        }
        return result
    }

    /// Where the line ends whose comment begins at a place; nil for what is none, and when something follows it.
    private static func endOfComment(_ text: [UInt8], at start: Int) -> Int? {
        guard start + 1 < text.count, text[start] == slash else { return nil }
        if text[start + 1] == slash { return text[start...].firstIndex(of: newline) ?? text.count }
        guard text[start + 1] == star else { return nil }
        var at = start + 2
        while at + 1 < text.count, text[at] != star || text[at + 1] != slash { at += 1 }
        guard at + 1 < text.count else { return nil }
        let end = text[(at + 2)...].firstIndex { $0 != space && $0 != tab } ?? text.count
        return end == text.count || text[end] == newline ? end : nil
    }

    private static let (newline, space, tab) = (UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"))
    private static let (slash, star) = (UInt8(ascii: "/"), UInt8(ascii: "*"))
}
