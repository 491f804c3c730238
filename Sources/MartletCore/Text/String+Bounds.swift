// Bounds of texts that others send. What counts as one character may be megabytes of marks upon a letter, so that a number of
// characters alone bounds nothing.
extension StringProtocol {
    /// True for at most so many characters, which take at most four bytes each on average.
    package func fits(_ characters: Int) -> Bool {
        utf8.count <= 4 * characters && count <= characters
    }

    /// The beginning, as much of it as ``fits(_:)``.
    package func cut(to characters: Int) -> String {
        let head = prefix(characters)
        guard head.utf8.count > 4 * characters else { return String(head) }
        return String(decoding: head.utf8.prefix(4 * characters), as: UTF8.self)
    }
}
