package import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

extension HTTPClientSettings {
    /// A file with a secret that cannot be read.
    package struct UnreadableFile: Error, Sendable, Hashable, CustomStringConvertible {
        let path: String

        package var description: String { "unable to read the file \(path)" }
    }

    /// The configuration of a client that speaks HTTP/1.1 under these settings. Reads the files of its TLS settings, and names
    /// one that cannot be used.
    package func clientConfiguration(connectTimeoutMs: Int64) throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = followsRedirects ? .follow(max: 10, allowCycles: false) : .disallow
        configuration.timeout.connect = .milliseconds(connectTimeoutMs)
        configuration.httpVersion = .http1Only
        // Who calls again later must learn at once that nobody listens.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let tls { configuration.tlsConfiguration = try tls.configuration() }
        return configuration
    }

    /// Adds the headers, the authorization among them. Reads the files that hold them.
    package func apply(to request: inout HTTPClientRequest) throws(UnreadableFile) {
        for header in headers { request.headers.replaceOrAdd(name: header.name, value: try header.value.text()) }
        switch authorization {
        case .basic(let user, let password):
            request.setBasicAuth(username: try user.text(), password: try password?.text() ?? "")
        case .header(let type, let credentials):
            request.headers.replaceOrAdd(name: "authorization", value: "\(type) \(try credentials.text())")
        case nil: break
        }
    }
}

extension HTTPClientSettings.TLS {
    /// Why a certificate or a key cannot be used.
    package struct UnusableFile: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }
}

extension HTTPClientSettings.Credential {
    /// Where it stands, for messages.
    fileprivate var place: String {
        switch self {
        case .value: "what stands in the configuration"
        case .file(let path): path
        }
    }

    /// The secret itself; a file's without blanks around it.
    func text() throws(HTTPClientSettings.UnreadableFile) -> String {
        switch self {
        case .value(let secret): return secret.revealed
        case .file(let path):
            guard let text = SmallFile.read(path) else { throw HTTPClientSettings.UnreadableFile(path: path) }
            var rest = Substring(text)
            while let last = rest.last, last.isWhitespace { rest.removeLast() }
            while let first = rest.first, first.isWhitespace { rest.removeFirst() }
            return String(rest)
        }
    }
}

extension HTTPClientSettings.TLS {
    fileprivate func configuration() throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorities { tls.trustRoots = .certificates(try Self.certificates(authorities)) }
        if let certificate, let key {
            tls.certificateChain = try Self.certificates(certificate).map { .certificate($0) }
            let text = try key.text()
            guard let key = try? NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem) else {
                throw UnusableFile(description: "\(key.place) holds no private key in PEM")
            }
            tls.privateKey = .privateKey(key)
        }
        if skipsVerification { tls.certificateVerification = .none }
        if let minimumVersion { tls.minimumTLSVersion = Self.version(minimumVersion) }
        if let maximumVersion { tls.maximumTLSVersion = Self.version(maximumVersion) }
        return tls
    }

    private static func certificates(_ credential: HTTPClientSettings.Credential) throws -> [NIOSSLCertificate] {
        let text = try credential.text()
        guard let found = try? NIOSSLCertificate.fromPEMBytes(Array(text.utf8)), !found.isEmpty else {
            throw UnusableFile(description: "\(credential.place) holds no certificate in PEM")
        }
        return found
    }

    private static func version(_ name: String) -> TLSVersion {
        switch name {
        case "TLS10": .tlsv1
        case "TLS11": .tlsv11
        case "TLS13": .tlsv13
        default: .tlsv12
        }
    }
}
