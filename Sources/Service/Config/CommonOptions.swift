package import ArgumentParser

/// The flags that every server takes.
package struct CommonOptions: ParsableArguments, Sendable {
    @Option(
        name: .customLong("config.file"),
        help: "Configuration file; every server runs with useful defaults without one.")
    package var configFile: String?

    @Option(name: .customLong("storage.path"), help: "Directory for everything that this server keeps.")
    package var storagePath: String?

    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp("Address to serve on; loopback unless told otherwise.", valueName: "host:port"))
    package var listenAddress: ListenAddress?

    @Option(
        name: .customLong("web.config.file"),
        help:
            "TLS, users, tokens and headers: the exporter-toolkit's web configuration file. Read again when it changes."
    )
    package var webConfigFile: String?

    @Flag(
        name: .customLong("web.allow-unauthenticated"),
        help: "Serve an address that other machines reach although nobody has to log in.")
    package var allowUnauthenticated = false

    @Option(
        name: .customLong("web.max-connections"), help: "Connections served at a time; more wait in the kernel's queue."
    )
    package var maxConnections = 2048

    @Option(
        name: .customLong("web.shutdown-timeout"),
        help: ArgumentHelp("Time that requests in flight get when the server stops.", valueName: "seconds"))
    package var shutdownTimeout = 15

    @Option(name: .customLong("log.level"), help: "debug, info, warn or error.")
    package var logLevel = LogLevel.info

    @Option(name: .customLong("log.format"), help: "logfmt or json.")
    package var logFormat = LogFormat.logfmt

    @Option(
        name: .customLong("memory.limit"),
        help:
            "Memory for ingest, queries and caches together: 512MB, 2GiB, or a share of the control group or host: 60%."
    )
    package var memoryLimit = MemoryLimit.share(0.6)

    @Option(
        name: .customLong("storage.wal-sync"),
        help: "When an acknowledged write survives power loss: always, or an interval such as 1s.")
    package var walSync = WALSync.interval(milliseconds: 1000)

    @Option(
        name: .customLong("tracing.endpoint"),
        help: ArgumentHelp("OTLP/HTTP base URL that gets this server's own traces.", valueName: "http://host:port"))
    package var tracingEndpoint: String?

    package init() {}

    package mutating func validate() throws {
        guard (1...1_000_000).contains(maxConnections) else {
            throw ValidationError("--web.max-connections must be within 1 and 1000000")
        }
        if let endpoint = tracingEndpoint, !endpoint.hasPrefix("http://"), !endpoint.hasPrefix("https://") {
            throw ValidationError("--tracing.endpoint must be an http:// or https:// URL")
        }
        guard (0...3600).contains(shutdownTimeout) else {
            throw ValidationError("--web.shutdown-timeout must be within 0 and 3600 seconds")
        }
    }
}
