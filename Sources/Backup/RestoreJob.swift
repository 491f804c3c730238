import Durable
import ObjectStorage
package import Service

/// Brings stores of one backup back to disk. Nothing of them takes its place before everything is there and was checked.
package struct RestoreJob: Sendable {
    let repository: Repository
    let manifest: BackupManifest
    let targets: [RestoreTarget]
    /// The directory that holds several stores, which `martlet up` may be running on.
    let data: String?
    let blocking: BlockingPool
    let showsProgress: Bool
    let say: @Sendable (String) -> Void

    /// The restoration of a backup's stores to `targets`, each of which the backup must have.
    package init(
        repository: Repository, manifest: BackupManifest, targets: [RestoreTarget], data: String? = nil,
        blocking: BlockingPool, showsProgress: Bool = false, say: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.repository = repository
        self.manifest = manifest
        self.targets = targets
        self.data = data
        self.blocking = blocking
        self.showsProgress = showsProgress
        self.say = say
    }

    /// Restores all of it, or nothing. Throws ``StartupError`` with what keeps it from that.
    package func run(nowMs: Int64) async throws {
        let (targets, data) = (targets, data)
        let (stack, taken) = try await blocking.run {
            var stack: DirectoryLock?
            if let data, try DiskFileSystem().exists(FilePath.join(data, DirectoryLock.fileName)) {
                stack = try RestoreTarget.lock(data)
            }
            return (stack, try targets.map { try $0.take() })
        }
        let workspaces = try await blocking.run {
            var begun: [(target: RestoreTarget, lock: DirectoryLock)] = []
            do {
                for target in targets { begun.append((target, try target.begin())) }
                return begun.map(\.lock)
            } catch {
                for (target, _) in begun { target.abandon() }
                throw error
            }
        }
        let asides: [RestoreTarget.Aside?]
        do {
            try await checkSpace()
            for target in targets { try await write(target) }
            asides = try await blocking.run { try Self.publish(targets, taken, nowMs) }
        } catch {
            await Task { [blocking] in
                try? await blocking.run { for target in targets { target.abandon() } }
            }.value
            throw error
        }
        for (target, aside) in zip(targets, asides) {
            let place = try await blocking.run { target.end(aside) }
            let content = manifest.content(of: target.store)
            say(
                "\(target.store.rawValue): \(content?.files.count ?? 0) files, "
                    + "\(ByteSize.format(Int(content?.size ?? 0))) in \(target.path)"
                    + (place.map { "; what was there is in \($0)" } ?? ""))
        }
        withExtendedLifetime((stack, taken, workspaces)) {}
    }

    /// Puts all into place, or nothing.
    private static func publish(
        _ targets: [RestoreTarget], _ taken: [DirectoryLock?], _ nowMs: Int64
    ) throws -> [RestoreTarget.Aside?] {
        // Where there was no lock before, a server may have come up meanwhile.
        let late = try zip(targets, taken).map { target, lock in lock == nil ? try target.take() : nil }
        var asides: [RestoreTarget.Aside?] = []
        do {
            for target in targets { asides.append(try target.publish(nowMs: nowMs)) }
        } catch {
            // The first to fail stays the cause; each that cannot be undone adds what to do about it.
            var failure = error
            for (target, aside) in zip(targets, asides).reversed() {
                do { try target.withdraw(aside, after: failure) } catch { failure = error }
            }
            throw failure
        }
        withExtendedLifetime(late) {}
        return asides
    }

    /// Fails early where the disk has too little room.
    private func checkSpace() async throws {
        let targets = targets
        let sizes = targets.map { manifest.content(of: $0.store)?.size ?? 0 }
        try await blocking.run {
            let fileSystem = DiskFileSystem()
            for (target, size) in zip(targets, sizes) {
                let free = try fileSystem.space(target.staging).availableBytes
                // Those that share a disk are told by the first that does not fit.
                let needed = UInt64(targets.count == 1 ? size : sizes.reduce(0, +))
                guard free < UInt64(size) || (free < needed && Self.areTogether(targets)) else { continue }
                throw StartupError(
                    "the disk of \(target.path) has \(ByteSize.format(Int(free))) left, and \(ByteSize.format(Int(needed))) are "
                        + "needed")
            }
        }
    }

    private static func areTogether(_ targets: [RestoreTarget]) -> Bool {
        Set(targets.map { FilePath.parent(of: $0.path) }).count == 1
    }

    private func write(_ target: RestoreTarget) async throws {
        guard let content = manifest.content(of: target.store) else { return }
        try await blocking.run { for directory in content.directories { try target.make(directory) } }
        var bar = ProgressBar(total: content.size, isTerminal: showsProgress)
        var (done, count): (Int64, Int) = (0, 0)
        try await BoundedTasks.run(content.files) { file in
            try await write(file, target)
            return file.size
        } take: { size in
            done += size
            count += 1
            bar.update(done, Int64(count), "of \(content.files.count) files of \(target.store.rawValue)")
        }
        bar.finish(done, Int64(count), "files of \(target.store.rawValue)")
    }

    private func write(_ file: StoredFile, _ target: RestoreTarget) async throws {
        try Task.checkCancellation()
        let full = FilePath.join(target.staging, file.path)
        let open = try await blocking.run {
            let fileSystem = DiskFileSystem()
            try fileSystem.makeDirectories(FilePath.parent(of: full))
            return try fileSystem.open(full, .createNew)
        }
        var offset: Int64 = 0
        do {
            try await repository.read(file) { piece in
                let start = offset
                try await blocking.run { try open.write(piece, at: start) }
                offset += Int64(piece.count)
            }
        } catch let error as DamagedObject {
            throw StartupError(
                "nothing was restored: \(error); it is \(target.store.rawValue)/\(file.path). Another backup may have it whole: "
                    + "martlet backup list")
        }
        try await blocking.run { try target.finish(file, open) }
    }
}
