/// Why a query gave no result. The kinds are those of Prometheus' HTTP API.
package struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        /// The query cannot be parsed or its parameters are wrong: HTTP 400.
        case badData = "bad_data"
        /// It cannot be evaluated over this data: HTTP 422.
        case execution
        /// It was cancelled: HTTP 499.
        case canceled
        /// It took too long: HTTP 503.
        case timeout
        /// The storage failed: HTTP 500.
        case `internal`
    }

    package let kind: Kind
    /// The text that clients see.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}
