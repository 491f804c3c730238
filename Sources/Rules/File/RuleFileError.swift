/// What is wrong with a rule file, all of it; the texts are Prometheus'.
package struct RuleFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One text for each mistake, with its place in front.
    package let messages: [String]

    init(_ messages: [String]) {
        self.messages = messages
    }

    /// All messages, one a line.
    package var description: String { messages.joined(separator: "\n") }
}
