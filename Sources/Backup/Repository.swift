import Durable
package import ObjectStorage
import Service

/// Where backups are: objects named for what is in them, and manifests that name the objects of each backup.
///
///     objects/<2 digits>/<64 digits>    a file's content, named for its SHA-256; of empty files there is none
///     backups/<id>.json                 a manifest, published when all that it names is there
///     running/<id>                      a backup that runs: until it has ended nothing is removed
///     pruning/<id>                      removal that runs: until it has ended no backup begins
package struct Repository: Sendable {
    private static let objects = "objects/"
    private static let backups = "backups/"
    private static let suffix = ".json"

    /// What is noted while it runs, so that removal and backups keep out of each other's way.
    package enum Activity: String, Sendable {
        case running, pruning
    }

    package let store: any ObjectStore

    /// Backups in an object store.
    package init(store: any ObjectStore) {
        self.store = store
    }

    /// For messages.
    var label: String { store.label }

    // MARK: Manifests

    /// Ids of all backups, oldest first.
    package func backups() async throws(ObjectError) -> [String] {
        try await store.list(prefix: Self.backups).compactMap { object in
            guard object.key.hasSuffix(Self.suffix) else { return nil }
            let id = String(object.key.dropFirst(Self.backups.count).dropLast(Self.suffix.count))
            return StampedName.timeMs(of: id) == nil ? nil : id
        }.sorted()
    }

    /// A backup's manifest.
    package func manifest(_ id: String) async throws -> BackupManifest {
        let key = Self.key(ofBackup: id)
        let bytes = try await store.get(key, range: nil, limit: BackupManifest.sizeLimit)
        do throws(BackupManifest.Damage) {
            return try BackupManifest(bytes, id: id)
        } catch {
            throw DamagedObject(key: key, reason: error.description)
        }
    }

    /// Makes a backup one. What it names must be there.
    package func publish(_ manifest: BackupManifest) async throws {
        let bytes = manifest.bytes
        guard bytes.count <= BackupManifest.sizeLimit else {
            throw StartupError(
                "there is no backup: its list of \(manifest.stores.reduce(0) { $0 + $1.files.count }) files is larger than can "
                    + "be read again; back up fewer stores at a time, with --store")
        }
        try await store.put(Self.key(ofBackup: manifest.id), bytes)
    }

    /// Ends a backup; its objects stay.
    func remove(backup id: String) async throws(ObjectError) { try await store.delete(Self.key(ofBackup: id)) }

    private static func key(ofBackup id: String) -> String { backups + id + suffix }

    // MARK: Content

    /// The object that has a content.
    package static func key(of digest: String) -> String { "\(objects)\(digest.prefix(2))/\(digest)" }

    /// Digests of the contents that are there, with their sizes.
    package func contents() async throws(ObjectError) -> [String: Int64] {
        var found: [String: Int64] = [:]
        for object in try await store.list(prefix: Self.objects) {
            guard let name = object.key.split(separator: "/").last.map(String.init), Self.key(of: name) == object.key
            else { continue }
            found[name] = object.size
        }
        return found
    }

    /// Reads a content piece by piece, and fails at its end when it is not what its name says.
    func read(_ file: StoredFile, _ take: (_ piece: [UInt8]) async throws -> Void) async throws {
        guard file.size > 0 else { return }
        let key = Self.key(of: file.digest)
        var digest = ContentDigest()
        var offset: Int64 = 0
        while offset < file.size {
            try Task.checkCancellation()
            let end = min(file.size, offset + Int64(ContentDigest.pieceBytes))
            let piece: [UInt8]
            do throws(ObjectError) {
                piece = try await store.get(key, range: offset..<end, limit: ContentDigest.pieceBytes)
            } catch {
                switch error.code {
                case .notFound: throw DamagedObject(key: key, reason: "it is not there")
                case .refused: throw DamagedObject(key: key, reason: error.message)
                default: throw error
                }
            }
            guard piece.count == Int(end - offset) else {
                throw DamagedObject(key: key, reason: "it is cut short")
            }
            digest.update(piece)
            try await take(piece)
            offset = end
        }
        guard digest.text == file.digest else {
            throw DamagedObject(key: key, reason: "its SHA-256 is \(digest.text)")
        }
    }

    // MARK: Activities

    /// Notes that something runs.
    package func begin(_ activity: Activity, _ id: String) async throws(ObjectError) {
        try await store.put("\(activity.rawValue)/\(id)", Array("\(id)\n".utf8))
    }

    /// Notes that it has ended.
    package func end(_ activity: Activity, _ id: String) async throws(ObjectError) {
        try await store.delete("\(activity.rawValue)/\(id)")
    }

    /// Ids of what runs, with the time in milliseconds since 1970 when each began.
    package func activities(_ activity: Activity) async throws(ObjectError) -> [(id: String, beganMs: Int64)] {
        try await store.list(prefix: activity.rawValue + "/").compactMap { object in
            let id = String(object.key.dropFirst(activity.rawValue.utf8.count + 1))
            return StampedName.timeMs(of: id).map { (id: id, beganMs: $0) }
        }
    }
}
