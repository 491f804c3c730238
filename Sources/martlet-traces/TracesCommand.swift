import ArgumentParser
import Service
import TraceServer

/// Receives spans over OTLP, keeps them, and answers Tempo's API and TraceQL.
@main
struct TracesCommand: DaemonCommand {
    static let server: ServerIdentity? = TraceServer.identity
    static let configuration = TraceServer.identity.command

    @OptionGroup var common: CommonOptions
    @OptionGroup var tenants: TenantOptions

    @Option(
        name: .customLong("otlp.grpc-listen-address"),
        help: ArgumentHelp(
            "Address that receives OTLP over gRPC.", value: .address, default: "\(TraceServer.otlpGRPC)"))
    var otlpGRPC: ListenAddress?

    @Option(
        name: .customLong("otlp.http-listen-address"),
        help: ArgumentHelp(
            "Address that receives OTLP over HTTP.", value: .address, default: "\(TraceServer.otlpHTTP)"))
    var otlpHTTP: ListenAddress?

    @Option(
        name: .customLong("otlp.max-request-bytes"),
        help: ArgumentHelp("Largest OTLP request, as sent and decompressed, at most 1GiB.", value: .size))
    var otlpRequestBytes = FlagByteSize(bytes: 64 << 20)

    @Option(
        name: .customLong("storage.retention.time"), help: ArgumentHelp("How long spans are kept.", value: .duration))
    var retentionTime = FlagDuration(milliseconds: 7_200_000)

    @Option(
        name: .customLong("storage.retention.size"),
        help: ArgumentHelp(
            "Memory, and log on disk, that the spans of one tenant may take; the oldest go first.", value: .size))
    var retentionSize = FlagByteSize(bytes: 1 << 30)

    mutating func validate() throws {
        guard retentionSize.bytes > 0 else { throw ValidationError("--storage.retention.size must be above 0") }
        guard (1...(1 << 30)).contains(otlpRequestBytes.bytes) else {
            throw ValidationError("--otlp.max-request-bytes must be within 1B and 1GiB")
        }
    }

    func run() async throws {
        var options = TraceServer.Options()
        options.otlpGRPC = otlpGRPC
        options.otlpHTTP = otlpHTTP
        options.retentionSeconds = Int(retentionTime.milliseconds / 1000)
        options.retentionBytes = retentionSize.bytes
        options.maxTenants = tenants.maxTenants
        options.otlpRequestBytes = otlpRequestBytes.bytes
        // The configuration names the address, which is bound before anything else happens.
        let config = try common.configFile.map { try TraceConfig(path: $0) } ?? TraceConfig()
        var common = common
        if common.listenAddress == nil, config.httpHost != nil || config.httpPort != nil {
            common.listenAddress = ListenAddress(
                host: config.httpHost ?? "127.0.0.1", port: config.httpPort ?? TraceServer.identity.port)
        }
        await Daemon.run(TraceServer.identity, options: common) { daemon in
            try await TraceServer.build(&daemon, options, config)
        }
    }
}
