import ArgumentParser
import SealedObjects
import Service
import TraceServer

/// Receives spans over OTLP, as Zipkin's and as Jaeger's, keeps them, and answers Tempo's API and TraceQL.
@main
struct TracesCommand: DaemonCommand {
    static let server: ServerIdentity? = TraceServer.identity
    static let configuration = TraceServer.identity.command

    @OptionGroup var common: CommonOptions
    @OptionGroup var tenants: TenantOptions
    @OptionGroup var otlp: OTLPOptions
    @OptionGroup var receivers: SpanReceiverOptions
    @OptionGroup var bucket: SealedBucketFlags

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
        name: .customLong("storage.retention.time"),
        help: ArgumentHelp(
            "How long spans are kept after they arrived. 0 for no limit.", value: .duration, default: "2w"))
    var retentionTime: FlagDuration?

    @Option(
        name: .customLong("storage.retention.size"),
        help: ArgumentHelp(
            "Disk that the spans of one tenant may take; the oldest go first. 0 for no limit.", value: .size))
    var retentionSize = FlagByteSize(bytes: 0)

    @Option(
        name: .customLong("span-metrics.remote-write-url"),
        help: ArgumentHelp(
            "Makes metrics of spans and service graphs, and sends them by remote write to this URL, such as "
                + "http://127.0.0.1:9090/api/v1/write.", value: .url))
    var spanMetricsURL: String?

    func run() async throws {
        var options = TraceServer.Options(tenants: tenants, bucket: bucket)
        options.otlpGRPC = otlpGRPC
        options.otlpHTTP = otlpHTTP
        options.receivers = receivers
        options.retentionBytes = retentionSize.bytes
        options.otlpRequestBytes = otlp.requestBytes
        options.spanMetricsURL = spanMetricsURL
        // The configuration names the address, which is bound before anything else happens.
        let config = try common.configFile.map { try TraceConfig(path: $0) } ?? TraceConfig()
        // Rounded up: 0 means that there is no limit.
        let flag = retentionTime.map { Int($0.milliseconds / 1000 + ($0.milliseconds % 1000 == 0 ? 0 : 1)) }
        options.retentionSeconds = flag ?? config.retentionSeconds ?? options.retentionSeconds
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
