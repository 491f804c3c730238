import ArgumentParser
import MartletCore
import Service
import TraceServer

/// Receives spans over OTLP, keeps them, and answers Tempo's API and TraceQL.
@main
struct TracesCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-traces", abstract: "Receives spans over OTLP, keeps them, and answers TraceQL.",
        version: BuildVersion.number)

    @OptionGroup var common: CommonOptions
    @OptionGroup var tenants: TenantOptions

    @Option(
        name: .customLong("otlp.grpc-listen-address"),
        help: ArgumentHelp("Address that receives OTLP over gRPC (default 127.0.0.1:4317).", valueName: "host:port"))
    var otlpGRPC: ListenAddress?

    @Option(
        name: .customLong("otlp.http-listen-address"),
        help: ArgumentHelp("Address that receives OTLP over HTTP (default 127.0.0.1:4318).", valueName: "host:port"))
    var otlpHTTP: ListenAddress?

    @Option(
        name: .customLong("otlp.max-request-bytes"),
        help: "Largest OTLP request, as sent and decompressed: a size such as 64MB, at most 1GB.")
    var otlpRequestBytes = "64MB"

    @Option(name: .customLong("storage.retention.time"), help: "How long spans are kept.")
    var retentionTime = "2h"

    @Option(
        name: .customLong("storage.retention.size"),
        help: "Memory, and log on disk, that the spans of one tenant may take; the oldest go first.")
    var retentionSize = "1GB"

    func run() async throws {
        var options = TraceServer.Options()
        options.otlpGRPC = otlpGRPC
        options.otlpHTTP = otlpHTTP
        do {
            options.retentionSeconds = Int(try PrometheusDuration.parse(retentionTime) / 1000)
        } catch {
            throw UsageError("--storage.retention.time: \(error)")
        }
        guard let bytes = ByteSize.parse(retentionSize), bytes > 0 else {
            throw UsageError("--storage.retention.size: \"\(retentionSize)\" is not a size such as 1GB")
        }
        options.retentionBytes = bytes
        options.maxTenants = tenants.maxTenants
        guard let largest = ByteSize.parse(otlpRequestBytes), (1...(1 << 30)).contains(largest) else {
            throw UsageError("--otlp.max-request-bytes: \"\(otlpRequestBytes)\" is not a size within 1 and 1GB")
        }
        options.otlpRequestBytes = largest
        // The configuration names the address, which is bound before anything else happens.
        let config = try common.configFile.map { try TraceConfig(path: $0) } ?? TraceConfig()
        var common = common
        if common.listenAddress == nil, config.httpHost != nil || config.httpPort != nil {
            common.listenAddress = ListenAddress(host: config.httpHost ?? "127.0.0.1", port: config.httpPort ?? 3200)
        }
        await Daemon.run(name: "martlet-traces", defaultPort: 3200, options: common) { daemon in
            try await TraceServer.build(&daemon, options, config)
        }
    }
}
