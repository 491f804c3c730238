import Glibc
import NIOCore
import NIOPosix

/// Why a client has no connection, in words: NIO's errors carry addresses of objects and half of a sentence.
package enum ConnectionFailure {
    /// `connection refused`, `no such host`, …; nil for an error of another kind.
    package static func reason(_ error: any Error) -> String? {
        switch error {
        case let error as IOError: return text(error)
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first { return reason(failure.error) ?? "\(failure.error)" }
            return error.dnsAError == nil && error.dnsAAAAError == nil ? "connection failed" : "no such host"
        default: return nil
        }
    }

    private static func text(_ error: IOError) -> String {
        let words = String(cString: strerror(error.errnoCode))
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}
