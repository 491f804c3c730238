import PromQL

/// Why a rule gave nothing; the texts are Prometheus'.
package struct RuleError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// True when the server is stopping and nobody needs to know.
    let isCancellation: Bool

    init(_ description: String) {
        self.description = description
        isCancellation = false
    }

    init(_ error: QueryError) {
        description = error.message
        isCancellation = error.kind == .canceled
    }
}
