import ArgumentParser
import LogServer
import Service

/// Stores log lines pushed over Loki's protocol or OTLP and answers LogQL.
@main
struct LogsCommand: DaemonCommand {
    static let server: ServerIdentity? = LogsServer.identity
    static let configuration = LogsServer.identity.command

    @OptionGroup var common: CommonOptions

    @OptionGroup var tenants: TenantOptions

    func run() async throws {
        var options = common
        let config = try options.configFile.map { try LogConfig(path: $0) } ?? LogConfig()
        if options.listenAddress == nil, let port = config.listenPort {
            options.listenAddress = ListenAddress(host: config.listenHost ?? "127.0.0.1", port: port)
        }
        await Daemon.run(LogsServer.identity, options: options) { daemon in
            try await LogsServer.build(&daemon, config, tenants)
        }
    }
}
