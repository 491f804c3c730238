package import ArgumentParser
import Logging

/// The flags that every server takes.
package struct CommonOptions: ParsableArguments, Sendable {
    @Option(name: .customLong("config.file"), help: CommonOptions.configFileHelp(ServerIdentity.current))
    package var configFile: String?

    @Option(
        name: .customLong("storage.path"),
        help: ArgumentHelp(
            "Directory for everything that this server keeps.", value: .directory,
            default: ServerIdentity.current?.storagePath))
    package var storagePath: String?

    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp(
            "Address to serve on.", value: .address, default: ServerIdentity.current.map { "\($0.address)" }))
    package var listenAddress: ListenAddress?

    @Option(
        name: .customLong("web.config.file"),
        help: ArgumentHelp(
            "TLS, users, tokens and headers: the exporter-toolkit's web configuration file. Read again when it changes.",
            value: .file))
    package var webConfigFile: String?

    @Flag(
        name: .customLong("web.allow-unauthenticated"),
        help: "Serve an address that other machines reach although nobody has to log in.")
    package var allowUnauthenticated = false

    @Option(
        name: .customLong("web.max-connections"),
        help: ArgumentHelp(
            "Connections that an address serves at a time; more wait in the kernel's queue.", value: .count,
            default: "2048, or a quarter of the files that may be open"))
    package var maxConnections: Int?

    @Option(
        name: .customLong("web.max-connections-per-client"),
        help: ArgumentHelp(
            "Connections of one client address at a time; more are refused. Clients on this machine are not counted.",
            value: .count, default: "half of --web.max-connections"))
    package var maxConnectionsPerClient: Int?

    @Option(
        name: .customLong("web.shutdown-timeout"),
        help: ArgumentHelp("Time that requests in flight get when the server stops.", value: .seconds))
    package var shutdownTimeout = 15

    @Option(name: .customLong("log.level"), help: ArgumentHelp("Least severe level that is logged.", value: .level))
    package var logLevel = LogLevel.info

    @Option(name: .customLong("log.format"), help: ArgumentHelp("How log lines are written.", value: .format))
    package var logFormat = LogFormat.logfmt

    @Option(
        name: .customLong("memory.limit"),
        help: ArgumentHelp(
            "Memory for ingest, queries and caches together: a size, or a share of the control group or host.",
            value: .memory))
    package var memoryLimit = MemoryLimit.share(0.6)

    @Option(
        name: .customLong("storage.wal-sync"),
        help: ArgumentHelp("When an acknowledged write survives power loss: always, or at an interval.", value: .sync))
    package var walSync = WALSync.interval(milliseconds: 1000)

    @Option(
        name: .customLong("tracing.endpoint"),
        help: ArgumentHelp("OTLP/HTTP base URL that gets this server's own traces; none without it.", value: .url))
    package var tracingEndpoint: String?

    package init() {}

    private static func configFileHelp(_ server: ServerIdentity?) -> ArgumentHelp {
        switch server?.configFile {
        case nil: ArgumentHelp("Configuration file.", value: .file)
        case .named(let kind): ArgumentHelp("Configuration: \(kind); the defaults do without one.", value: .file)
        case .absent(let instead): ArgumentHelp("Refused: \(instead).", value: .file, visibility: .hidden)
        }
    }

    package mutating func validate() throws {
        for (value, flag) in [
            (maxConnections, "--web.max-connections"), (maxConnectionsPerClient, "--web.max-connections-per-client"),
        ] where !(1...1_000_000).contains(value ?? 1) {
            throw ValidationError("\(flag) must be within 1 and 1000000")
        }
        if let endpoint = tracingEndpoint, !endpoint.hasPrefix("http://"), !endpoint.hasPrefix("https://") {
            throw ValidationError("--tracing.endpoint must be an http:// or https:// URL")
        }
        guard (0...3600).contains(shutdownTimeout) else {
            throw ValidationError("--web.shutdown-timeout must be within 0 and 3600 seconds")
        }
    }

    /// Connections that an address serves at a time.
    ///
    /// The default is lowered, with a warning, to what the limit of open files bears. Throws for a number from the command
    /// line that cannot be kept.
    func connections(within openFiles: OpenFileLimit, logger: Logger) throws(UsageError) -> Int {
        let usual = 2048
        if let maxConnections {
            guard maxConnections < openFiles.files else {
                throw UsageError(
                    "--web.max-connections=\(maxConnections) cannot be kept: this process may have \(openFiles.files) files "
                        + "open; lower it to \(openFiles.connections), or \(OpenFileLimit.cure)")
            }
            return maxConnections
        }
        guard openFiles.connections < usual else { return usual }
        logger.warning(
            "fewer connections than usual are served, since few files may be open",
            metadata: [
                "max_connections": .stringConvertible(openFiles.connections), "usual": .stringConvertible(usual),
                "open_files": .stringConvertible(openFiles.files),
                "cure": .string("\(OpenFileLimit.cure) to \(4 * usual), or set --web.max-connections"),
            ])
        return openFiles.connections
    }
}
