package import ArgumentParser
import Durable
import ObjectStorage
import Service

/// `martlet restore`.
package struct RestoreCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring a backup back to disk.",
        discussion: """
            The servers must not be running. Everything is checked against its checksum and is on the disk before it takes \
            its place. Directories that hold something are left alone, or with --replace moved aside.
            """)

    @OptionGroup var repository: RepositoryOptions

    @Option(
        name: .customLong("backup"),
        help: ArgumentHelp("Which one; martlet backup list says which there are.", valueName: "id"))
    var backup: String?

    @Option(
        help: ArgumentHelp(
            "Directory of the stores' directories: that of martlet up, or /var/lib/martlet.", value: .directory))
    var data: String?

    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            "Restore this one, and others that are named so, below --data or to a directory of its own.",
            valueName: "name[=directory]"))
    var stores: [String] = []

    @Flag(help: "Move aside what is in the directories; nothing is ever removed.")
    var replace = false

    package init() {}

    package func run() async throws {
        let wanted = try wanted()
        let (repository, backup, replace) = (repository, backup, replace)
        let data = data.map { AbsolutePath.of($0) }
        try await repository.withRepository { place, services in
            let manifest = try await Self.choose(backup, wanted.map(\.store), place)
            let targets =
                wanted.isEmpty
                ? manifest.stores.map {
                    RestoreTarget(store: $0.store, path: Self.path($0.store, data), replaces: replace)
                }
                : wanted.map { RestoreTarget(store: $0.store, path: $0.path, replaces: replace) }
            let job = RestoreJob(
                repository: place, manifest: manifest, targets: targets, data: data, blocking: services.blocking,
                showsProgress: repository.showsProgress, say: repository.say)
            try await job.run(nowMs: WallClock.milliseconds)
            repository.say("restored \(manifest.id), which was begun at \(StampedName.stamp(manifest.startedMs))")
        }
    }

    private static func path(_ store: StoreName, _ data: String?) -> String {
        FilePath.join(data ?? ".", store.rawValue)
    }

    private func wanted() throws -> [(store: StoreName, path: String)] {
        let data = data.map { AbsolutePath.of($0) }
        guard data != nil || !stores.isEmpty else {
            throw UsageError("say where to restore to, with --data DIRECTORY or --store NAME=DIRECTORY")
        }
        let found = try stores.map { text throws -> (store: StoreName, path: String) in
            let (name, directory) = StoreSelection.split(text)
            guard let store = StoreName(rawValue: name) else { throw StoreSelection.unknown(name) }
            if let directory {
                guard !directory.isEmpty else { throw UsageError("--store \(name)= names no directory") }
                return (store, AbsolutePath.of(directory))
            }
            guard data != nil else {
                throw UsageError("--store \(name) needs --data, or a directory: --store \(name)=DIRECTORY")
            }
            return (store, Self.path(store, data))
        }
        try StoreSelection.checkUnique(found.map(\.store))
        return found
    }

    /// The backup that was named, or the newest that has all that is wanted: everything, when nothing is named.
    private static func choose(
        _ id: String?, _ wanted: [StoreName], _ place: Repository
    ) async throws -> BackupManifest {
        let all = try await place.backups()
        if let id {
            guard all.contains(id) else {
                throw StartupError("\(place.label) has no backup \(id): martlet backup list says which there are")
            }
            let manifest = try await place.manifest(id)
            let missing = wanted.filter { manifest.content(of: $0) == nil }
            guard missing.isEmpty else {
                throw StartupError("backup \(id) has no \(missing.map(\.rawValue).joined(separator: " and no "))")
            }
            return manifest
        }
        guard !all.isEmpty else { throw StartupError("\(place.label) has no backups") }
        for id in all.reversed() {
            let manifest: BackupManifest
            do {
                manifest = try await place.manifest(id)
            } catch let error as DamagedObject {
                StandardError.write("martlet: backup \(id) is passed over: \(error)\n")
                continue
            }
            let isWhole = wanted.isEmpty ? manifest.isComplete : wanted.allSatisfy { manifest.content(of: $0) != nil }
            if isWhole { return manifest }
            StandardError.write("martlet: backup \(id) is passed over, since it lacks something\n")
        }
        throw StartupError("no backup in \(place.label) has all of it: name one with --backup, and stores with --store")
    }
}
