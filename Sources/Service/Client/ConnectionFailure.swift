import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Why a client has no connection, in words: NIO's errors carry addresses of objects and half of a sentence.
package enum ConnectionFailure {
    /// `connection refused`, `no such host`, what is wrong with a certificate, …; nil for an error of another kind.
    package static func reason(_ error: any Error) -> String? {
        switch error {
        case let error as IOError: return text(error)
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first { return reason(failure.error) ?? "\(failure.error)" }
            return error.dnsAError == nil && error.dnsAAAAError == nil ? "connection failed" : "no such host"
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "the server's certificate is for another name"
        case NIOSSLError.handshakeFailed(let failure):
            return "\(failure)".contains("CERTIFICATE_VERIFY_FAILED")
                ? "the server's certificate has expired, or no trusted authority has signed it" : "no TLS: \(failure)"
        default: return nil
        }
    }

    private static func text(_ error: IOError) -> String {
        let words = String(cString: strerror(error.errnoCode))
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}
