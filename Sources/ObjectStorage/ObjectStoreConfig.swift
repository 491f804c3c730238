package import AsyncHTTPClient
package import Service

/// Which object store is used: a file in Thanos' format for object storage (`type`, `config`, `prefix`).
package struct ObjectStoreConfig: Sendable {
    package enum Backend: Sendable {
        case s3(S3Options, S3Credentials.Source)
        case directory(String)
    }

    package let backend: Backend
    /// What all names begin with, without slashes at the ends.
    package let prefix: String

    /// A place, and what all names in it begin with.
    init(_ backend: Backend, prefix: String) {
        self.backend = backend
        self.prefix = prefix
    }

    /// Decodes a document; its warnings go to `warn`.
    package init(_ document: ConfigDocument, warn: (String) -> Void = { _ in }) throws {
        (backend, prefix) = try document.root.mapping { keys in
            let type = try keys.required("type")
            let prefix = try keys.string("prefix") ?? ""
            guard let settings = keys.value("config") else {
                throw keys.node.error("the document needs the key \"config\"")
            }
            let backend: Backend
            switch try type.string().uppercased() {
            case "S3": backend = try settings.mapping(Self.s3)
            case "FILESYSTEM":
                backend = .directory(try settings.mapping { try $0.required("directory").string() })
            case let other: throw type.error("type \"\(other)\" is not supported: S3 and FILESYSTEM are")
            }
            return (backend, prefix.split(separator: "/").joined(separator: "/"))
        }
        for warning in document.warnings { warn(warning) }
    }

    /// The store.
    package func store(client: HTTPClient, blocking: BlockingPool) -> any ObjectStore {
        switch backend {
        case .s3(let options, let credentials):
            let store = S3ObjectStore(options, credentials: credentials, client: client, blocking: blocking)
            return PrefixedObjectStore(store, prefix: prefix)
        case .directory(let path):
            return PrefixedObjectStore(DirectoryObjectStore(path, blocking: blocking), prefix: prefix)
        }
    }

    private static func s3(_ keys: inout ConfigMapping) throws -> Backend {
        let endpoint = try keys.required("endpoint")
        let region = try keys.string("region") ?? ""
        var options = S3Options(
            bucket: try keys.required("bucket").string(), endpoint: try endpoint.string(),
            region: region.isEmpty ? "us-east-1" : region)
        guard !options.endpoint.contains("/"), !options.endpoint.isEmpty else {
            throw endpoint.error("\(endpoint.path) must be a host, or host:port, without a scheme")
        }
        options.isInsecure = try keys.bool("insecure") ?? false
        let isAWS = options.endpoint.hasSuffix(".amazonaws.com")
        switch try keys.string("bucket_lookup_type") ?? "auto" {
        case "auto": options.usesPathStyle = !isAWS
        case "path": options.usesPathStyle = true
        case "virtual-hosted": options.usesPathStyle = false
        case let other:
            throw keys.node.error("bucket_lookup_type must be auto, path or virtual-hosted, not \"\(other)\"")
        }
        if let size = try keys.int("part_size"), size > 0 { options.partSize = max(5 << 20, size) }
        if let attempts = try keys.int("max_retries"), attempts > 0 { options.attempts = attempts + 1 }
        try keys.mapping("http_config") { http in
            if let node = http.value("response_header_timeout") {
                options.timeout = .nanoseconds(try node.goDuration())
            }
            if try http.bool("insecure_skip_verify") == true {
                throw http.node.error(
                    "insecure_skip_verify is not supported: the bucket's certificate is always checked")
            }
            for key in [
                "idle_conn_timeout", "max_idle_conns", "max_idle_conns_per_host", "max_conns_per_host",
                "tls_handshake_timeout", "expect_continue_timeout", "disable_compression",
            ] { http.ignore(key, because: "connections are pooled by the client's own rules") }
            try http.unsupported("tls_config", because: "the system's authorities are trusted")
            try http.unsupported("proxy_url", because: "requests go straight to the endpoint")
        }
        try keys.unsupported("signature_version2", because: "requests are signed with version 4")
        try keys.unsupported("sse_config", because: "objects would be stored otherwise than asked for")
        try keys.unsupported("put_user_metadata", because: "objects carry no metadata")
        try keys.unsupported(
            "sts_endpoint", because: "credentials come from the configuration, the environment or a file")
        for key in [
            "list_objects_version", "trace", "aws_sdk_auth", "disable_dualstack", "dualstack_enabled",
            "send_content_md5", "disable_multipart",
        ] { keys.ignore(key, because: "the protocol's common form serves all stores") }
        return .s3(options, try credentials(&keys))
    }

    private static func credentials(_ keys: inout ConfigMapping) throws -> S3Credentials.Source {
        let key = try keys.string("access_key") ?? ""
        let secret = try keys.secret("secret_key")
        let token = try keys.secret("session_token")
        if let secret, !key.isEmpty, !secret.revealed.isEmpty {
            let isUsed = token.map { !$0.revealed.isEmpty } ?? false
            return .fixed(S3Credentials(accessKey: key, secretKey: secret, sessionToken: isUsed ? token : nil))
        }
        guard let source = S3Credentials.Source.environment() else {
            throw keys.node.error(
                "no credentials: give access_key and secret_key, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
                    + "environment, or a file ~/.aws/credentials")
        }
        return source
    }
}
