package import Logging
package import NIOCore

/// TLS as the web configuration has it at the moment, client certificates included, for listeners that speak HTTP/2.
package struct ConnectionTLS: Sendable {
    private let security: WebSecurity

    init(_ security: WebSecurity) {
        self.security = security
    }

    /// TLS of a web configuration file, which is read once.
    package init(webConfigFile: String, logger: Logger) throws {
        security = try WebSecurity(path: webConfigFile, logger: logger)
    }

    /// False for plain text.
    package var isConfigured: Bool { security.tls != nil }

    /// Puts TLS on an accepted connection; to be called on its event loop.
    /// - Returns: false when the configuration has plain text.
    package func configure(_ channel: any Channel) throws -> Bool {
        guard let tls = security.tls else { return false }
        try channel.pipeline.syncOperations.addHandler(tls.handler(for: .http2))
        return true
    }
}
