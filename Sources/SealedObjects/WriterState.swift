import Durable
import MartletCore

/// What a writer knows of itself, in a directory that survives restarts: its name, and how far it had come.
///
/// Files: `writer.json`, and `manifest`, a copy of the manifest that it published last (docs/formats/bucket-manifests.md).
struct WriterState: Sendable, Equatable {
    static let fileName = "writer.json"
    static let manifestName = "manifest"
    private static let sizeLimit = 64 << 20

    /// The writer's name in the bucket: random, made once.
    var writer: String
    /// The name of the manifest that was published last.
    var published: String?
    /// Names of manifests whose publication began and may have succeeded.
    var intended: [String] = []
    /// Names of objects whose upload began, and that no published manifest names yet.
    var pending: [String] = []

    /// Reads the state in a directory; a new writer where there is none.
    init(directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        let path = FilePath.join(directory, Self.fileName)
        guard try fileSystem.exists(path) else {
            writer = BucketKeys.random()
            return
        }
        let bytes = try fileSystem.read(path, limit: Self.sizeLimit)
        func names(_ json: JSONValue?) -> [String] { json?.array?.compactMap(\.string) ?? [] }
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.int64 == 1,
            let writer = json["writer"]?.string
        else {
            throw DurableError(
                .corrupt, path: path, operation: "read the writer's state", message: "not version 1 of it")
        }
        self.writer = writer
        published = json["published"]?.string
        intended = names(json["intended"])
        pending = names(json["pending"])
    }

    /// Puts the file in place, replacing the one before.
    func publish(in directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        let json = JSONValue.object([
            .init("version", 1), .init("writer", .string(writer)),
            .init("published", published.map { .string($0) } ?? .null),
            .init("intended", .array(intended.map { .string($0) })),
            .init("pending", .array(pending.map { .string($0) })),
        ])
        try AtomicFile.publish(FilePath.join(directory, Self.fileName), json.bytes, on: fileSystem)
    }

    /// The copy of the published manifest; nil when there is none that can be read.
    static func manifest(directory: String, on fileSystem: any FileSystem) throws(DurableError) -> Manifest? {
        let path = FilePath.join(directory, manifestName)
        guard try fileSystem.exists(path) else { return nil }
        let bytes = try fileSystem.read(path, limit: Manifest.sizeLimit)
        // A copy that cannot be read is fetched anew.
        return try? Manifest(bytes)
    }
}
