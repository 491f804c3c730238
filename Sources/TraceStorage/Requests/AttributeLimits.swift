/// How long attribute keys and values may be; longer ones are cut at a character's border.
package struct AttributeLimits: Sendable, Hashable {
    /// Bytes of a key and of a text value; 0 for no limit.
    package var bytes: Int

    /// Tempo's default of 2048 bytes unless given.
    package init(bytes: Int = 2048) {
        self.bytes = bytes
    }

    /// Whether the text is longer than allowed.
    @inline(__always)
    func exceeds(_ count: Int) -> Bool { bytes > 0 && count > bytes }

    /// Whether a text of so many bytes may be what `cut` has left of a longer one: a character has up to four.
    func mayBeCut(_ count: Int) -> Bool { bytes > 0 && count > bytes - 4 }

    /// As much of the text as is allowed.
    @inline(__always)
    func cut(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard exceeds(text.count) else { return text }
        var end = bytes
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[..<end])
    }
}
