import ObjectStorage
import Service
import Testing

@Suite("A place for objects on a command line")
struct ObjectStoreLocationTests {
    private let keys = ["AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"]

    private func s3(_ location: String, _ environment: [String: String] = [:]) throws -> (S3Options, prefix: String) {
        let config = try ObjectStoreConfig(
            location: location, environment: { keys.merging(environment) { $1 }[$0] })
        guard case .s3(let options, _) = config.backend else { throw UsageError("not S3") }
        return (options, config.prefix)
    }

    @Test("is a directory")
    func directory() throws {
        let config = try ObjectStoreConfig(location: "some/where", environment: { _ in nil })
        guard case .directory(let path) = config.backend else { throw UsageError("not a directory") }
        #expect(path == "some/where")
        #expect(config.prefix.isEmpty)
    }

    @Test("is a bucket of AWS, with the environment's region")
    func aws() throws {
        let (options, prefix) = try s3("s3://bucket/a/b/", ["AWS_REGION": "eu-central-1"])
        #expect(options.bucket == "bucket")
        #expect(options.endpoint == "s3.eu-central-1.amazonaws.com")
        #expect(options.region == "eu-central-1")
        #expect(!options.usesPathStyle && !options.isInsecure)
        #expect(prefix == "a/b")
    }

    @Test("is a bucket somewhere else, where the environment has its endpoint")
    func endpoint() throws {
        let (options, prefix) = try s3("s3://bucket", ["AWS_ENDPOINT_URL": "http://127.0.0.1:8333/"])
        #expect(options.endpoint == "127.0.0.1:8333")
        #expect(options.usesPathStyle && options.isInsecure)
        #expect(prefix.isEmpty)
    }

    @Test("is refused when it is none", arguments: ["", "s3://", "gs://bucket", "http://host/x"])
    func refused(location: String) {
        #expect(throws: UsageError.self) { _ = try s3(location) }
    }

    @Test("is refused without credentials, and with an endpoint that is no host")
    func incomplete() {
        #expect(throws: UsageError.self) {
            _ = try ObjectStoreConfig(location: "s3://bucket", environment: { _ in nil })
        }
        for url in ["127.0.0.1:8333", "http://", "http://host/path"] {
            #expect(throws: UsageError.self) { _ = try s3("s3://bucket", ["AWS_ENDPOINT_URL": url]) }
        }
    }
}
