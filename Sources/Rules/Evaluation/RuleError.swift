/// Why a rule gave nothing; the texts are Prometheus'.
package struct RuleError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// True when the server is stopping and nobody needs to know.
    package let isCancellation: Bool

    /// A failure.
    package init(_ description: String, isCancellation: Bool = false) {
        self.description = description
        self.isCancellation = isCancellation
    }
}
