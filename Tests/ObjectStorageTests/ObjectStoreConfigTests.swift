import ObjectStorage
import Service
import Testing

@Suite("The configuration of an object store, in Thanos' format")
struct ObjectStoreConfigTests {
    private static func config(_ text: String) throws -> ObjectStoreConfig {
        try ObjectStoreConfig(try ConfigDocument(text: text, file: "bucket.yml"))
    }

    @Test("an S3 bucket with its credentials")
    func s3() throws {
        let config = try Self.config(
            """
            type: S3
            prefix: /team/metrics/
            config:
              bucket: history
              endpoint: s3.eu-central-1.amazonaws.com
              region: eu-central-1
              access_key: a
              secret_key: s
              part_size: 1048576
              http_config: {response_header_timeout: 5s, idle_conn_timeout: 1m30s}
            """)
        #expect(config.prefix == "team/metrics")
        guard case .s3(let options, .fixed(let credentials)) = config.backend else {
            Issue.record("not S3 with fixed credentials")
            return
        }
        #expect(options.bucket == "history" && options.region == "eu-central-1")
        #expect(!options.usesPathStyle && !options.isInsecure)
        // S3 takes no smaller parts.
        #expect(options.partSize == 5 << 20)
        #expect(options.timeout == .seconds(5))
        #expect(credentials == S3Credentials(accessKey: "a", secretKey: Secret("s")))
    }

    @Test("a directory")
    func directory() throws {
        guard case .directory("/mnt/x") = try Self.config("type: FILESYSTEM\nconfig: {directory: /mnt/x}").backend
        else {
            Issue.record("not a directory")
            return
        }
    }

    @Test(
        "what is not supported or wrong is an error at its place",
        arguments: [
            ("type: GCS\nconfig: {bucket: b}", "bucket.yml:1:7: type \"GCS\" is not supported"),
            ("type: S3\nconfig: {bucket: b, endpoint: 'http://x', access_key: a, secret_key: b}", "must be a host"),
            (
                "type: S3\nconfig: {bucket: b, endpoint: x, access_key: a, secret_key: b, sse_config: {}}",
                "sse_config is not supported"
            ),
            (
                "type: S3\nconfig: {bucket: b, endpoint: x, access_key: a, secret_key: b, nonsense: 1}",
                "unknown key \"nonsense\""
            ),
            ("type: S3", "needs the key \"config\""),
        ])
    func mistakes(text: String, message: String) throws {
        let error = try #require(throws: ConfigError.self) { try Self.config(text) }
        #expect(error.description.contains(message))
    }
}
