import ArgumentParser
import AsyncHTTPClient
import ObjectStorage
import Service

/// Where backups are: the same words for all that has to do with them.
struct RepositoryOptions: ParsableArguments {
    @Option(
        name: [.customLong("to"), .customLong("from")],
        help: ArgumentHelp(
            "Where backups are: a directory, or s3://BUCKET/PREFIX with endpoint, region and credentials in AWS_… variables.",
            valueName: "directory|s3-url"))
    var location: String?

    @Option(
        name: .customLong("objstore.config-file"),
        help: ArgumentHelp(
            "Where backups are: a file in Thanos' format for object storage, as the servers read it.", value: .file))
    var configFile: String?

    @Flag(name: .shortAndLong, help: "Say only what goes wrong.")
    var quiet = false

    mutating func validate() throws {
        guard (location == nil) != (configFile == nil) else {
            throw ValidationError("say where backups are, with one of --to (or --from) and --objstore.config-file")
        }
    }

    /// Whether somebody looks at bars.
    var showsProgress: Bool { !quiet && StandardError.isTerminal }

    /// Where lines about what was done go.
    var say: @Sendable (String) -> Void {
        let isQuiet = quiet
        return { line in if !isQuiet { StandardOutput.write(line + "\n") } }
    }

    /// Runs `body` with the repository until it has ended, or SIGINT or SIGTERM cancels it.
    func withRepository(
        _ body: @escaping @Sendable (Repository, ToolServices) async throws -> Void
    ) async throws {
        let config: ObjectStoreConfig
        if let configFile {
            config = try ObjectStoreConfig(try ConfigDocument(path: configFile)) {
                StandardError.write("martlet: \($0)\n")
            }
        } else {
            config = try ObjectStoreConfig(location: location ?? "")
        }
        try await ToolServices.running { services in
            try await body(
                Repository(store: config.store(client: services.client, blocking: services.blocking)), services)
        }
    }
}
