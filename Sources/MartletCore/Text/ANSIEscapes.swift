/// Escape sequences of terminals: colours, movements of the cursor, window titles.
package enum ANSIEscapes {
    /// ESC, or CSI as one character.
    private static let introducer = #"[\x{1B}\x{9B}][\[\]()#;?]*"#
    /// A title, which a bell ends.
    private static let title = #"[a-zA-Z\d]*(?:;[a-zA-Z\d]*)*\x07"#
    /// Numbers and the byte that says what to do.
    private static let control = #"(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PRZcf-ntqry=><~]"#

    private static let sequence = try? Regex(
        "\(introducer)(?:(?:\(title))|(?:\(control)))", anchored: false, dotMatchesNewline: false)

    /// The text without them, as Loki's and Promtail's `decolorize` leave it; nil when there are none.
    package static func stripped(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let sequence, text.contains(where: { $0 == 0x1B || $0 == 0x9B }) else { return nil }
        return sequence.replaceAll(text, with: RegexTemplate(literal: ""))
    }
}
