/// Why a whole export request was refused, and whether the sender should try again.
package struct OTLPRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds a receiver knows, with their HTTP status and gRPC code.
    package enum Kind: Sendable, Hashable {
        /// The data is wrong: 400, INVALID_ARGUMENT. Not retried.
        case invalid
        /// The request is too large: 413, RESOURCE_EXHAUSTED without a delay. Not retried.
        case tooLarge
        /// Too much at once: 429 with Retry-After, RESOURCE_EXHAUSTED with RetryInfo. Retried.
        case exhausted
        /// Not now: 503 with Retry-After, UNAVAILABLE. Retried.
        case unavailable
        /// The call is not served here: 404, UNIMPLEMENTED. Not retried.
        case unimplemented
        /// Credentials are missing or wrong: 401, UNAUTHENTICATED. Not retried.
        case unauthenticated
        /// The caller may not do this: 403, PERMISSION_DENIED. Not retried.
        case forbidden
        /// The receiver failed: 500, INTERNAL. Not retried.
        case failed
    }

    /// What kind of refusal.
    package let kind: Kind
    /// For people; names the limit and its key where there is one.
    package let message: String
    /// When to try again, for the kinds that are retried.
    package let retryAfterSeconds: Int?

    /// A refusal.
    package init(_ kind: Kind, _ message: String, retryAfterSeconds: Int? = nil) {
        self.kind = kind
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// The data is wrong.
    package static func invalid(_ message: String) -> OTLPRefusal { OTLPRefusal(.invalid, message) }

    /// Too much at once; try again after some seconds.
    package static func exhausted(_ message: String, retryAfterSeconds: Int) -> OTLPRefusal {
        OTLPRefusal(.exhausted, message, retryAfterSeconds: retryAfterSeconds)
    }

    /// Not now; try again after some seconds.
    package static func unavailable(_ message: String, retryAfterSeconds: Int) -> OTLPRefusal {
        OTLPRefusal(.unavailable, message, retryAfterSeconds: retryAfterSeconds)
    }

    /// The call is not served here.
    package static func unimplemented(_ message: String) -> OTLPRefusal { OTLPRefusal(.unimplemented, message) }

    package var description: String { message }
}
