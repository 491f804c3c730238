import Durable
import MartletCore
import ObjectStorage
package import Service

/// Makes one backup: store after store a snapshot, whose new content goes to the repository, and at last the manifest.
package struct BackupJob: Sendable {
    /// What is told while it runs.
    package struct Report: Sendable {
        /// Draws bars.
        package var showsProgress = false
        /// Gets lines about what was done.
        package var say: @Sendable (String) -> Void = { _ in }
        /// Gets lines about what went wrong.
        package var warn: @Sendable (String) -> Void = { _ in }

        /// Nothing is told.
        package init() {}
    }

    /// Files up to this size are read once; they may be of the kind that somebody changes meanwhile.
    private static let wholeBytes: Int64 = 8 << 20
    /// How long removal that runs is waited for.
    private static let patience = Duration.seconds(600)

    let repository: Repository
    let sources: [(store: StoreName, source: BackupSource)]
    let access: ServerAccess?
    let blocking: BlockingPool
    let host: String
    let report: Report

    /// A backup of `sources` to a repository.
    ///
    /// - Parameters:
    ///   - access: how servers are asked; nil where no source is one.
    ///   - host: the name of this machine, on which files are known again.
    package init(
        repository: Repository, sources: [(store: StoreName, source: BackupSource)], access: ServerAccess?,
        blocking: BlockingPool, host: String, report: Report = Report()
    ) {
        self.repository = repository
        self.sources = sources
        self.access = access
        self.blocking = blocking
        self.host = host
        self.report = report
    }

    /// Contents that are in the repository, by digest.
    private final class Contents: Sendable {
        let known: Lock<[String: Int64]>

        init(_ known: [String: Int64]) { self.known = Lock(known) }

        func has(_ digest: String, size: Int64) -> Bool { known.withLock { $0[digest] == size } }
        func add(_ digest: String, size: Int64) { known.withLock { $0[digest] = size } }
    }

    /// Makes the backup. Throws when there is none; a store that could not be backed up is in the manifest.
    package func run(nowMs: Int64) async throws -> BackupManifest {
        let id = StampedName.make(nowMs)
        try await repository.begin(.running, id)
        do {
            let manifest = try await make(id, nowMs)
            try await repository.end(.running, id)
            return manifest
        } catch {
            // Also when this task was cancelled.
            let repository = repository
            await Task { try? await repository.end(.running, id) }.value
            throw error
        }
    }

    private func make(_ id: String, _ nowMs: Int64) async throws -> BackupManifest {
        try await waitForPruning(nowMs)
        let contents = Contents(try await repository.contents())
        let previous = try await newestContents()
        var manifest = BackupManifest(id: id, host: host, startedMs: nowMs)
        for (store, source) in sources {
            do {
                let (content, uploaded) = try await backUp(store, source, contents, previous[store])
                manifest.stores.append(content)
                manifest.uploaded += uploaded
            } catch let error as ObjectError {
                throw error
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                report.warn("\(store.rawValue): \(error)")
                manifest.failed.append(.init(store: store, reason: "\(error)"))
            }
        }
        guard !manifest.stores.isEmpty else { throw StartupError("there is no backup: no store could be backed up") }
        manifest.finishedMs = WallClock.milliseconds
        // Removal that takes a note for left over removes the note first.
        guard try await repository.activities(.running).contains(where: { $0.id == id }) else {
            throw StartupError(
                "there is no backup: objects were pruned meanwhile by somebody who took this one for dead; try again")
        }
        try await repository.publish(manifest)
        return manifest
    }

    /// Waits until no removal runs: one that has begun may remove what this backup would count on.
    private func waitForPruning(_ nowMs: Int64) async throws {
        let deadline = ContinuousClock.now + Self.patience
        var isTold = false
        while let other = try await repository.activities(.pruning).first(where: {
            nowMs - $0.beganMs < Pruning.graceMs
        }) {
            if !isTold { report.warn("waiting for a prune that began at \(StampedName.stamp(other.beganMs))") }
            isTold = true
            guard ContinuousClock.now < deadline else {
                throw StartupError(
                    "a prune that began at \(StampedName.stamp(other.beganMs)) has not ended: if it is dead, remove the object "
                        + "pruning/\(other.id)")
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// The newest content of each store: what has not changed since need not be read.
    private func newestContents() async throws -> [StoreName: [String: StoredFile]] {
        var wanted = Set(sources.map(\.store))
        var found: [StoreName: [String: StoredFile]] = [:]
        for id in try await repository.backups().reversed() where !wanted.isEmpty {
            let manifest: BackupManifest
            do {
                manifest = try await repository.manifest(id)
            } catch let error as DamagedObject {
                report.warn("\(error)")
                continue
            }
            // Inodes are of a machine.
            guard manifest.host == host else { continue }
            for content in manifest.stores where wanted.remove(content.store) != nil {
                found[content.store] = Dictionary(content.files.map { ($0.path, $0) }) { first, _ in first }
            }
        }
        return found
    }

    // MARK: A store

    private func backUp(
        _ store: StoreName, _ source: BackupSource, _ contents: Contents, _ previous: [String: StoredFile]?
    ) async throws -> (StoreContent, uploaded: Int64) {
        let takenMs = WallClock.milliseconds
        switch source {
        case .directory(let path):
            return try await content(
                of: store, in: path, followsLinks: true, version: BuildVersion.number, takenMs, contents, previous)
        case .server(let url, let directory):
            guard let access else { throw StartupError("\(url) cannot be asked") }
            let client = SnapshotClient(store: store, url: url, access: access)
            let snapshot = try await client.take()
            do {
                let path =
                    directory.map {
                        FilePath.join(FilePath.join($0, SnapshotDirectory.directoryName), snapshot.name)
                    } ?? snapshot.path
                try await check(path, snapshot.name, store, url)
                // Who backs up may read more than the server may: it must not be led elsewhere.
                let result = try await content(
                    of: store, in: path, followsLinks: false, version: snapshot.version, takenMs, contents, previous)
                await remove(snapshot, client)
                return result
            } catch {
                await Task { await remove(snapshot, client) }.value
                throw error
            }
        }
    }

    private func check(_ path: String, _ name: String, _ store: StoreName, _ url: String) async throws {
        let isThere = try await blocking.run {
            guard (try? DiskFileSystem().list(path)) != nil else { return false }
            let real = try AbsolutePath.real(path)
            guard real.hasSuffix("/\(SnapshotDirectory.directoryName)/\(name)") else {
                throw StartupError("\(url) names \(path) as its snapshot, which is none: it is \(real)")
            }
            return true
        }
        guard !isThere else { return }
        throw StartupError(
            "the snapshot of \(url) cannot be read at \(path): run martlet backup on that machine, as root or as the server's "
                + "user; where the directory is seen elsewhere, say --store \(store.rawValue)=\(url),DIRECTORY")
    }

    private func remove(_ snapshot: SnapshotClient.Snapshot, _ client: SnapshotClient) async {
        do {
            try await client.remove(snapshot.name)
        } catch {
            report.warn("\(client.store.rawValue): the snapshot \(snapshot.path) stays for a day: \(error)")
        }
    }

    /// Brings what is new in a directory to the repository.
    private func content(
        of store: StoreName, in directory: String, followsLinks: Bool, version: String, _ takenMs: Int64,
        _ contents: Contents,
        _ previous: [String: StoredFile]?
    ) async throws -> (StoreContent, uploaded: Int64) {
        let (found, directories) = try await blocking.run {
            try FoundFile.all(in: directory, followsLinks: followsLinks)
        }
        let total = found.reduce(0) { $0 + $1.size }
        var bar = ProgressBar(total: total, isTerminal: report.showsProgress)
        var files: [StoredFile] = []
        var (done, uploaded, new): (Int64, Int64, Int) = (0, 0, 0)
        try await BoundedTasks.run(found) { file in
            try Task.checkCancellation()
            return try await upload(file, in: directory, contents, previous?[file.path])
        } take: { stored, bytes in
            files.append(stored)
            done += stored.size
            uploaded += bytes
            if bytes > 0 { new += 1 }
            bar.update(done, Int64(files.count), "of \(found.count) files of \(store.rawValue)")
        }
        files.sort { $0.path < $1.path }
        bar.finish(done, Int64(files.count), "files of \(store.rawValue)")
        report.say(
            "\(store.rawValue): \(files.count) files, \(ByteSize.format(Int(total))); new: \(new) files, "
                + ByteSize.format(Int(uploaded)))
        return (
            StoreContent(store, version: version, takenMs: takenMs, files: files, directories: directories), uploaded
        )
    }

    /// The file as the backup has it, with the bytes that had to go to the repository.
    private func upload(
        _ file: FoundFile, in directory: String, _ contents: Contents, _ previous: StoredFile?
    ) async throws -> (StoredFile, bytes: Int64) {
        guard file.size > 0 else { return (StoredFile(file, digest: ContentDigest.of([])), 0) }
        if let previous, previous.isSame(as: file), contents.has(previous.digest, size: file.size) {
            return (StoredFile(file, digest: previous.digest), 0)
        }
        let path = FilePath.join(directory, file.path)
        if file.size <= Self.wholeBytes {
            let bytes = try await blocking.run { try DiskFileSystem().read(path, limit: 2 * Int(Self.wholeBytes)) }
            var stored = StoredFile(file, digest: ContentDigest.of(bytes))
            stored.size = Int64(bytes.count)
            if bytes.isEmpty || contents.has(stored.digest, size: stored.size) { return (stored, 0) }
            try await repository.store.put(Repository.key(of: stored.digest), bytes)
            contents.add(stored.digest, size: stored.size)
            return (stored, stored.size)
        }
        let digest = try await blocking.run { try Self.digest(path, size: file.size) }
        let stored = StoredFile(file, digest: digest)
        if contents.has(digest, size: file.size) { return (stored, 0) }
        try await repository.store.put(Repository.key(of: digest), file: path)
        contents.add(digest, size: file.size)
        return (stored, file.size)
    }

    private static func digest(_ path: String, size: Int64) throws -> String {
        let file = try DiskFileSystem().open(path, .read)
        var digest = ContentDigest()
        var offset: Int64 = 0
        while offset < size {
            let piece = try file.read(count: ContentDigest.pieceBytes, at: offset)
            if piece.isEmpty { break }
            digest.update(piece)
            offset += Int64(piece.count)
        }
        guard offset == size else {
            throw DurableError(.corrupt, path: path, operation: "read", message: "it was cut short while it was read")
        }
        return digest.text
    }
}
