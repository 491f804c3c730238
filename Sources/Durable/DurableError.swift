import Glibc

/// A failed operation on files: what was tried, on which path, and why it failed.
package struct DurableError: Error, Sendable, CustomStringConvertible {
    /// What a caller can do about the failure.
    package enum Code: Sendable, Hashable {
        /// The operating system refused or failed; `errno` says how.
        case io
        /// The disk or the quota is full. Nothing was written; the same call may succeed later.
        case noSpace
        /// The path does not exist.
        case notFound
        /// The path exists already.
        case exists
        /// Stored bytes do not have the shape or the checksum they must have.
        case corrupt
        /// Another process holds the directory.
        case locked
        /// The request exceeds a limit that `message` names.
        case tooLarge
        /// The log was closed, or an earlier failure made it unusable.
        case closed
    }

    /// What a caller can do about the failure.
    package let code: Code
    /// The file or directory.
    package let path: String
    /// The verb that failed: `open`, `write`, `fdatasync`, …
    package let operation: String
    /// The system's error number; 0 when the failure did not come from the system.
    package let errno: Int32
    /// Byte offset within `path`, where one applies.
    package let offset: Int64?
    /// The reason in lower case, with the cure where there is one.
    package let message: String

    /// An error that did not come from the system.
    package init(_ code: Code, path: String, operation: String, offset: Int64? = nil, message: String) {
        self.code = code
        self.path = path
        self.operation = operation
        self.errno = 0
        self.offset = offset
        self.message = message
    }

    /// An error from the system; `errno` decides the code and the message.
    package init(errno: Int32, path: String, operation: String, offset: Int64? = nil) {
        switch errno {
        case ENOSPC, EDQUOT: code = .noSpace
        case ENOENT: code = .notFound
        case EEXIST: code = .exists
        default: code = .io
        }
        self.path = path
        self.operation = operation
        self.errno = errno
        self.offset = offset
        self.message = String(cString: strerror(errno)).lowercased()
    }

    /// `operation path: message`, with the offset when there is one.
    package var description: String {
        let place = offset.map { " at offset \($0)" } ?? ""
        return "\(operation) \(path)\(place): \(message)"
    }
}
