import Durable
import MartletCore

/// What a backup has: it is one once this is published.
///
///     {"sha256": digest of the manifest's text, "manifest": {"version": 1, "id": …, "host": …, "started": …, "finished": …,
///      "uploaded": bytes, "stores": […], "failed": [{"store": …, "reason": …}]}}
package struct BackupManifest: Sendable, Hashable {
    /// A store that could not be backed up.
    package struct Failure: Sendable, Hashable {
        package let store: StoreName
        package let reason: String
    }

    /// Bytes that are no such manifest.
    package struct Damage: Error, CustomStringConvertible {
        package let description: String
    }

    private static let version: Int64 = 1
    /// Bytes of the largest manifest that is read: about two million files.
    static let sizeLimit = 512 << 20

    /// A `StampedName`.
    package var id: String
    package var host: String
    /// Milliseconds since 1970.
    package var startedMs: Int64
    package var finishedMs: Int64
    /// Bytes that were not there yet.
    package var uploaded: Int64 = 0
    package var stores: [StoreContent] = []
    package var failed: [Failure] = []

    /// A manifest that names nothing yet.
    package init(id: String, host: String, startedMs: Int64) {
        self.id = id
        self.host = host
        self.startedMs = startedMs
        finishedMs = startedMs
    }

    /// Nothing that was asked for is missing.
    package var isComplete: Bool { failed.isEmpty }
    /// Bytes of all files.
    package var size: Int64 { stores.reduce(0) { $0 + $1.size } }
    /// What it has of each store but the files.
    var withoutFiles: BackupManifest {
        var copy = self
        copy.stores = stores.map { StoreContent($0.store, version: $0.version, takenMs: $0.takenMs, files: []) }
        return copy
    }
    /// What it has of a store.
    package func content(of store: StoreName) -> StoreContent? { stores.first { $0.store == store } }

    // MARK: Text

    /// The manifest as it is stored.
    package var bytes: [UInt8] {
        let json = json
        return JSONValue.object([.init("sha256", .string(ContentDigest.of(json.bytes))), .init("manifest", json)]).bytes
    }

    private var json: JSONValue {
        let failed = failed.map { failure in
            JSONValue.object([
                .init("store", .string(failure.store.rawValue)), .init("reason", .string(failure.reason)),
            ])
        }
        return .object([
            .init("version", .number("\(Self.version)")), .init("id", .string(id)), .init("host", .string(host)),
            .init("started", .number("\(startedMs)")), .init("finished", .number("\(finishedMs)")),
            .init("uploaded", .number("\(uploaded)")), .init("stores", .array(stores.map(\.json))),
            .init("failed", .array(failed)),
        ])
    }

    /// Reads a stored manifest, which must be that of `id`.
    package init(_ bytes: [UInt8], id: String) throws(Damage) {
        guard let outer = try? JSONValue(parsing: bytes), let json = outer["manifest"],
            let digest = outer["sha256"]?.string
        else { throw Damage(description: "it is no manifest of a backup") }
        guard ContentDigest.of(json.bytes) == digest else {
            throw Damage(description: "its checksum is another one than it says")
        }
        guard json["version"]?.int64 == Self.version else {
            throw Damage(description: "its version is not \(Self.version): a newer martlet may read it")
        }
        guard json["id"]?.string == id, let host = json["host"]?.string, let started = json["started"]?.int64,
            let finished = json["finished"]?.int64, let stores = json["stores"]?.array,
            let failed = json["failed"]?.array
        else { throw Damage(description: "a member is missing, or it belongs to another backup") }
        self.init(id: id, host: host, startedMs: started)
        finishedMs = finished
        uploaded = json["uploaded"]?.int64 ?? 0
        self.stores = stores.compactMap(StoreContent.init)
        guard self.stores.count == stores.count else {
            throw Damage(description: "a store's or a file's member is missing or none that may be there")
        }
        guard Set(self.stores.map(\.store)).count == stores.count else {
            throw Damage(description: "a store is there twice")
        }
        self.failed = failed.compactMap { item in
            item["store"]?.string.flatMap(StoreName.init).map {
                Failure(store: $0, reason: item["reason"]?.string ?? "")
            }
        }
    }
}
