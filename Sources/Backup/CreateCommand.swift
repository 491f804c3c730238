import ArgumentParser
import Durable
import Service

/// `martlet backup [create]`.
struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Back up stores while they run; what is meant without a subcommand.",
        discussion: """
            Asks each server for a snapshot, and stores what the backups before do not have yet. It runs on the servers' \
            machine, as root or as a user who may read their data directories. A store that cannot be backed up keeps no \
            other from it; the exit code is 1 then.
            """)

    @OptionGroup var repository: RepositoryOptions

    @Option(
        help: ArgumentHelp(
            "Data directory of martlet up: its configuration is backed up as well.", value: .directory))
    var data: String?

    @Option(
        name: .customLong("port-offset"),
        help: ArgumentHelp("That of martlet up, added to every port.", value: .count))
    var portOffset = 0

    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            """
            Back up this one, and others that are named so: metrics, logs, traces, dashboards, alerts, at its usual address or at \
            a URL; with the data directory where it is not seen under the server's own path. config=DIRECTORY is files of any \
            kind.
            """, valueName: "name[=url[,directory]]"))
    var stores: [String] = []

    @Option(
        name: .customLong("http.config-file"),
        help: ArgumentHelp(
            "How the servers are asked: basic_auth, authorization and tls_config, as in Prometheus' http_config.",
            value: .file))
    var httpConfigFile: String?

    mutating func validate() throws {
        guard (0...45000).contains(portOffset) else {
            throw ValidationError("--port-offset must be within 0 and 45000")
        }
    }

    func run() async throws {
        let sources = try sources()
        var settings = HTTPClientSettings()
        if let httpConfigFile {
            let document = try ConfigDocument(path: httpConfigFile)
            settings = try document.root.mapping { try HTTPClientSettings(&$0) }
            for warning in document.warnings { Self.warn("\(warning)") }
        }
        let (repository, chosen) = (repository, settings)
        try await repository.withRepository { destination, services in
            let access: ServerAccess
            do { access = try ServerAccess(chosen) } catch { throw UsageError("--http.config-file: \(error)") }
            var report = BackupJob.Report()
            report.showsProgress = repository.showsProgress
            report.say = repository.say
            report.warn = { Self.warn($0) }
            let job = BackupJob(
                repository: destination, sources: sources, access: access, blocking: services.blocking,
                host: HostName.current, report: report)
            let clock = ContinuousClock()
            let start = clock.now
            let manifest: BackupManifest
            do {
                manifest = try await job.run(nowMs: WallClock.milliseconds)
            } catch {
                await access.shutdown()
                throw error
            }
            await access.shutdown()
            let seconds = (clock.now - start).components.seconds
            repository.say(
                "backup \(manifest.id) in \(destination.label): \(ByteSize.format(Int(manifest.size))), new: "
                    + "\(ByteSize.format(Int(manifest.uploaded))) (\(manifest.uploaded) bytes), \(seconds) s")
            guard manifest.isComplete else {
                throw StartupError(
                    "backup \(manifest.id) lacks \(manifest.failed.map(\.store.rawValue).joined(separator: ", "))")
            }
        }
    }

    private func sources() throws -> [(store: StoreName, source: BackupSource)] {
        let data = data.map { AbsolutePath.of($0) }
        if stores.isEmpty {
            return try StoreName.allCases.filter { $0.port != nil || data != nil }.map {
                ($0, try BackupSource.standard($0, portOffset: portOffset, data: data))
            }
        }
        let named = try stores.map { try BackupSource.parse($0, portOffset: portOffset, data: data) }
        try StoreSelection.checkUnique(named.map(\.0))
        return named.map { (store: $0.0, source: $0.1) }
    }

    private static func warn(_ line: String) { StandardError.write("martlet: \(line)\n") }
}
