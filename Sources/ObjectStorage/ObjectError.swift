/// A failed operation on an object store: what was tried, on which object, and why it failed.
package struct ObjectError: Error, Sendable, CustomStringConvertible {
    /// What a caller can do about the failure.
    package enum Code: Sendable, Hashable {
        /// There is no such object or bucket.
        case notFound
        /// The credentials are missing, wrong, or do not permit the operation.
        case denied
        /// The store did not answer, or said that it cannot now: the same call may succeed later.
        case unavailable
        /// The store refused the call for good, or answered with something that is not the protocol.
        case refused
        /// More bytes than the caller permits.
        case tooLarge
        /// A file of this machine cannot be read or written.
        case local
        /// The task was cancelled.
        case cancelled
    }

    package let code: Code
    /// The verb that failed: `list`, `get`, `put`, `delete`.
    package let operation: String
    /// The object's name, or the prefix of a listing.
    package let key: String
    /// The reason, as the store gave it where it did.
    package let message: String
    /// How long the store asked to be left alone.
    let retryAfter: Duration?

    /// An error.
    package init(_ code: Code, operation: String, key: String, message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.operation = operation
        self.key = key
        self.message = message
        self.retryAfter = retryAfter
    }

    package var description: String { "\(operation) \(key.isEmpty ? "objects" : key): \(message)" }
}
