import ArgumentParser
import LogServer
import SealedObjects
import Service

/// Stores log lines pushed over Loki's protocol or OTLP and answers LogQL.
@main
struct LogsCommand: DaemonCommand {
    static let server: ServerIdentity? = LogsServer.identity
    static let configuration = LogsServer.identity.command

    @OptionGroup var common: CommonOptions

    @OptionGroup var tenants: TenantOptions

    @Option(
        name: .customLong("storage.retention.size"),
        help: ArgumentHelp(
            "Disk that the lines of one tenant may take; the oldest go first. 0 for no limit.", value: .size))
    var retentionSize = FlagByteSize(bytes: 0)

    @Option(
        name: .customLong("storage.retention.min-free-disk"),
        help: ArgumentHelp(
            "Free bytes of the disk below which the oldest lines of all tenants go. 0 for no limit.", value: .size))
    var minFreeDisk = FlagByteSize(bytes: 0)

    @OptionGroup var rules: LogRuleFlags

    @OptionGroup var bucket: SealedBucketFlags

    func run() async throws {
        var options = common
        var config = try options.configFile.map { try LogConfig(path: $0) } ?? LogConfig()
        try rules.apply(to: &config)
        if options.listenAddress == nil, let port = config.listenPort {
            options.listenAddress = ListenAddress(host: config.listenHost ?? "127.0.0.1", port: port)
        }
        var flags = LogsServer.Options(tenants: tenants, bucket: bucket)
        flags.retentionBytes = retentionSize.bytes
        flags.minFreeDiskBytes = minFreeDisk.bytes
        let (server, wanted) = (flags, config)
        await Daemon.run(LogsServer.identity, options: options) { daemon in
            try await LogsServer.build(&daemon, wanted, server)
        }
    }
}
