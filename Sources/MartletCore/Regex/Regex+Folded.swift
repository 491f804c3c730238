extension Regex {
    /// Longer expressions are left to the automaton, whose time does not depend on the texts' length.
    private static let longestFolded = 256

    /// The texts in small letters, where the expression asks for no more than one of some ASCII texts in letters of any case:
    /// `(?i)` and the text, as Grafana writes it, or several texts with `|` between them. Nil for any other.
    ///
    /// The letters s and k have a third form each beside their two cases (U+017F and U+212A), which matches as well.
    package var foldedTexts: [[UInt8]]? {
        let flag = "(?i)".utf8
        guard !anchored, pattern.utf8.starts(with: flag), pattern.utf8.count <= Self.longestFolded else { return nil }
        var texts: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in pattern.utf8.dropFirst(flag.count) {
            guard byte >= 0x20, byte < 0x7f else { return nil }
            if isEscaped {
                // Before a letter or a digit it is no escape but a class, an anchor or the like.
                guard !Self.isLetterOrDigit(byte) else { return nil }
                isEscaped = false
                texts[texts.count - 1].append(byte)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "|") {
                texts.append([])
            } else {
                guard !Self.operators.contains(byte) else { return nil }
                texts[texts.count - 1].append(Bytes.folded(byte))
            }
        }
        return isEscaped || texts.contains(where: \.isEmpty) ? nil : texts
    }

    private static let operators = [UInt8](".+*?()[]{}^$".utf8)

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch Bytes.folded(byte) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
