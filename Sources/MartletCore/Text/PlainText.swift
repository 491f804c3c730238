/// Text of others on a terminal.
package enum PlainText {
    /// The text as one line, without characters that would move the cursor or change colours.
    package static func line(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return String(
            String.UnicodeScalarView(words.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
}
