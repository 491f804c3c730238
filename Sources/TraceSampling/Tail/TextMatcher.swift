package import MartletCore

/// The texts that an attribute is compared with.
package struct TextMatcher: Sendable {
    private let texts: [[UInt8]]
    /// The expressions, of which one must match somewhere in the text.
    package let expressions: [Regex]

    /// Matches each of the texts as a whole; an empty one matches nothing.
    package init(texts: [String]) {
        self.texts = texts.filter { !$0.isEmpty }.map { Array($0.utf8) }
        expressions = []
    }

    /// Matches where one of the expressions does, anywhere in the text.
    package init(expressions: [Regex]) {
        texts = []
        self.expressions = expressions
    }

    /// Whether a text matches.
    package func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        for candidate in texts where candidate.withUnsafeBytes({ Bytes.equal($0, text) }) { return true }
        return expressions.contains { $0.matches(text) }
    }
}
