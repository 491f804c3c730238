import NIOCore
import NIOSSL

/// `tls_server_config` of the web configuration file.
struct TLSSettings: Sendable {
    /// How client certificates are treated; the names are Go's.
    enum ClientAuth: String, CaseIterable, Sendable {
        case noClientCert = "NoClientCert"
        case requestClientCert = "RequestClientCert"
        case requireAnyClientCert = "RequireAnyClientCert"
        case verifyClientCertIfGiven = "VerifyClientCertIfGiven"
        case requireAndVerifyClientCert = "RequireAndVerifyClientCert"
    }

    private enum Version: String, CaseIterable {
        case tls10 = "TLS10"
        case tls11 = "TLS11"
        case tls12 = "TLS12"
        case tls13 = "TLS13"

        var value: TLSVersion {
            switch self {
            case .tls10: .tlsv1
            case .tls11: .tlsv11
            case .tls12: .tlsv12
            case .tls13: .tlsv13
            }
        }
    }

    /// What a listener speaks, as it is told to clients that ask (ALPN).
    enum Protocols: Sendable {
        case http1
        case http2
        /// Either, as the client likes.
        case both
    }

    private let http1Context: NIOSSLContext
    private let http2Context: NIOSSLContext
    private let commonContext: NIOSSLContext
    let clientAuth: ClientAuth
    let files: [String]
    /// When the first certificate of the chain to expire does, in seconds since the epoch.
    let expiry: Int

    init(_ node: ConfigNode, resolve: (String) -> String) throws {
        (http1Context, http2Context, commonContext, clientAuth, files, expiry) = try node.mapping { tls in
            if try tls.string("cert") != nil || tls.secret("key") != nil || tls.string("client_ca") != nil {
                throw tls.node.error("inline certificates are not supported: name files with cert_file and key_file")
            }
            let certificateNode = try tls.required("cert_file")
            let keyNode = try tls.required("key_file")
            let certificateFile = resolve(try certificateNode.string())
            let keyFile = resolve(try keyNode.string())
            let chain = try certificateNode.loading(certificateFile) { try NIOSSLCertificate.fromPEMFile($0) }
            guard !chain.isEmpty else { throw certificateNode.error("\(certificateFile) holds no certificate") }
            let key = try keyNode.loading(keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) }

            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = try tls.choice("min_version", Version.self)?.value ?? .tlsv12
            configuration.maximumTLSVersion = try tls.choice("max_version", Version.self)?.value
            if let ciphers = try Self.ciphers(&tls) { configuration.cipherSuiteValues = ciphers }
            if let curves = try Self.curves(&tls) { configuration.curves = curves }
            _ = try tls.bool("prefer_server_cipher_suites")

            let authNode = tls.value("client_auth_type")
            let auth = try authNode?.choice(ClientAuth.self) ?? .noClientCert
            var files = [certificateFile, keyFile]
            if let authority = tls.value("client_ca_file") {
                let file = resolve(try authority.string())
                files.append(file)
                configuration.trustRoots = .certificates(
                    try authority.loading(file) { try NIOSSLCertificate.fromPEMFile($0) })
                if auth == .noClientCert {
                    throw authority.error("client_ca_file needs a client_auth_type that asks for certificates")
                }
            } else if auth == .verifyClientCertIfGiven || auth == .requireAndVerifyClientCert {
                throw tls.node.error("client_auth_type \(auth.rawValue) needs client_ca_file")
            }
            configuration.certificateVerification =
                switch auth {
                case .noClientCert: .none
                case .requestClientCert, .verifyClientCertIfGiven: .optionalVerification
                case .requireAnyClientCert, .requireAndVerifyClientCert: .noHostnameVerification
                }
            try tls.unsupported(
                "client_allowed_sans", because: "sign the clients' certificates with an authority of their own")
            func context(_ protocols: [String]) throws -> NIOSSLContext {
                configuration.applicationProtocols = protocols
                return try certificateNode.loading(certificateFile) { _ in
                    try NIOSSLContext(configuration: configuration)
                }
            }
            let expiry = chain.map { Int($0.notValidAfter) }.min() ?? 0
            return (
                try context(["http/1.1"]), try context(["h2"]), try context(["h2", "http/1.1"]), auth, files, expiry
            )
        }
    }

    /// The handler that puts TLS on an accepted connection.
    func handler(for protocols: Protocols) -> NIOSSLServerHandler {
        let context =
            switch protocols {
            case .http1: http1Context
            case .http2: http2Context
            case .both: commonContext
            }
        switch clientAuth {
        case .requestClientCert, .requireAnyClientCert:
            // Any certificate will do, whoever signed it; the application never sees it.
            return NIOSSLServerHandler(context: context) { _, promise in promise.succeed(.certificateVerified) }
        case .noClientCert, .verifyClientCertIfGiven, .requireAndVerifyClientCert:
            return NIOSSLServerHandler(context: context)
        }
    }

    private static func ciphers(_ tls: inout ConfigMapping) throws(ConfigError) -> [NIOTLSCipher]? {
        let nodes = try tls.list("cipher_suites")
        guard !nodes.isEmpty else { return nil }
        let known: [String: NIOTLSCipher] = [
            "TLS_AES_128_GCM_SHA256": .TLS_AES_128_GCM_SHA256,
            "TLS_AES_256_GCM_SHA384": .TLS_AES_256_GCM_SHA384,
            "TLS_CHACHA20_POLY1305_SHA256": .TLS_CHACHA20_POLY1305_SHA256,
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305": .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305": .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        return try lookUp(nodes, in: known, what: "cipher suite")
    }

    private static func curves(_ tls: inout ConfigMapping) throws(ConfigError) -> [NIOTLSCurve]? {
        let nodes = try tls.list("curve_preferences")
        guard !nodes.isEmpty else { return nil }
        let known: [String: NIOTLSCurve] = [
            "CurveP256": .secp256r1, "CurveP384": .secp384r1, "CurveP521": .secp521r1, "X25519": .x25519,
            "X25519MLKEM768": .x25519_MLKEM768,
        ]
        return try lookUp(nodes, in: known, what: "curve")
    }

    private static func lookUp<Value>(
        _ nodes: [ConfigNode], in known: [String: Value], what: String
    ) throws(ConfigError) -> [Value] {
        var values: [Value] = []
        for node in nodes {
            let name = try node.string()
            guard let value = known[name] else { throw node.error("unknown \(what) \"\(name)\"") }
            values.append(value)
        }
        return values
    }
}

extension ConfigNode {
    /// Loads a file that this value names; failures are put at this value's position.
    fileprivate func loading<Result>(_ path: String, _ body: (String) throws -> Result) throws(ConfigError) -> Result {
        do {
            return try body(path)
        } catch {
            throw self.error("cannot use \(path): \(error)")
        }
    }
}
