package import ArgumentParser
import MartletCore
import ObjectStorage
package import Service
import Wire

/// The flags of the metrics server beside the common ones, under Prometheus' names.
package struct MetricFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("storage.tsdb.path"),
        help: ArgumentHelp("The same as --storage.path, under Prometheus' name.", value: .directory))
    package var storagePath: String?

    @Option(
        name: [.customLong("storage.tsdb.retention.time"), .customLong("storage.tsdb.retention")],
        help: ArgumentHelp(
            "How long samples are kept; without end when only a size is given.", value: .duration, default: "15d"))
    package var retentionTime: FlagDuration?

    @Option(
        name: .customLong("storage.tsdb.retention.size"),
        help: ArgumentHelp(
            "Bytes that blocks and write-ahead log may take on disk; the oldest blocks go beyond that.", value: .size,
            default: "no limit"))
    package var retentionSize: FlagByteSize?

    @Flag(
        name: .customLong("web.enable-admin-api"),
        help: "Serve the calls that delete series, clean up after that, and take snapshots.")
    package var enableAdminAPI = false

    @Option(
        name: .customLong("query.timeout"),
        help: ArgumentHelp("Time after which a query is stopped.", value: .duration))
    package var queryTimeout = FlagDuration(milliseconds: 120_000)

    @Option(
        name: .customLong("query.max-samples"),
        help: ArgumentHelp("Samples that one query may hold at a time.", value: .count))
    package var queryMaxSamples = 50_000_000

    @Option(
        name: .customLong("query.max-concurrency"),
        help: ArgumentHelp("Queries that run at a time; more wait.", value: .count))
    package var queryMaxConcurrency = 20

    @Option(
        name: .customLong("query.lookback-delta"),
        help: ArgumentHelp("How far back the newest sample of a series is looked for.", value: .duration))
    package var lookbackDelta = FlagDuration(milliseconds: 300_000)

    @Option(
        name: .customLong("web.remote-write-receiver.max-body-size"),
        help: ArgumentHelp("Largest remote write or OTLP request, as sent and decompressed.", value: .size))
    package var maxWriteBody = FlagByteSize(bytes: 32 << 20)

    @Option(
        name: .customLong("web.remote-write-receiver.accepted-protobuf-messages"),
        help: ArgumentHelp(
            "A message that remote write is received in: prometheus.WriteRequest or io.prometheus.write.v2.Request; may be "
                + "given twice.", value: .names))
    package var acceptedMessages: [String] = RemoteWrite.Message.allCases.map(\.rawValue)

    @Option(
        name: .customLong("enable-feature"),
        help: ArgumentHelp(
            "Prometheus' feature flags; those of queries (promql-…, type-and-unit-labels, use-start-timestamps) act, and "
                + "created-timestamp-zero-ingestion.",
            value: .names))
    package var features: [String] = []

    // Flags of Prometheus that are on by themselves here or have no counterpart: taken, so that unit files and compose
    // files work as they are.
    @Flag(name: .customLong("web.enable-lifecycle"), help: "Accepted; reload is always served, quitting never.")
    package var enableLifecycle = false

    @Flag(name: .customLong("web.enable-remote-write-receiver"), help: "Accepted; remote write is always received.")
    package var enableRemoteWrite = false

    @Flag(name: .customLong("web.enable-otlp-receiver"), help: "Accepted; OTLP metrics are always received.")
    package var enableOTLP = false

    @Flag(
        name: .customLong("storage.tsdb.wal-compression"), inversion: .prefixedNo,
        help: "Whether records of the write-ahead log are compressed.")
    package var walCompression = true

    @Option(
        name: .customLong("storage.tsdb.wal-compression-type"),
        help: ArgumentHelp("How they are compressed: snappy or zstd.", value: .format))
    package var walCompressionType = "snappy"

    @Option(
        name: .customLong("web.console.templates"),
        help: ArgumentHelp("Accepted without effect: there are no consoles.", value: .directory))
    package var consoleTemplates: String?

    @Option(
        name: .customLong("web.console.libraries"),
        help: ArgumentHelp("Accepted without effect: there are no consoles.", value: .directory))
    package var consoleLibraries: String?

    @Option(
        name: .customLong("web.external-url"),
        help: ArgumentHelp(
            "Where users reach this server, for links in alerts.", value: .url, default: "this host's name and port"))
    package var externalURL: String?

    @Option(
        name: .customLong("web.route-prefix"),
        help: ArgumentHelp(
            "The path below which this server answers.", value: .path, default: "the path of --web.external-url"))
    package var routePrefix: String?

    @Option(
        name: .customLong("web.cors.origin"),
        help: ArgumentHelp(
            "Origins whose pages may read the API, as a regular expression for all of an origin.", value: .pattern))
    package var corsOrigin = ".*"

    @Option(
        name: .customLong("web.page-title"),
        help: ArgumentHelp("Title of the page at /.", value: .text, default: "martlet-metrics"))
    package var pageTitle: String?

    @Flag(
        name: .customLong("auth.multitenancy-enabled"),
        help: "Whether requests name their tenant in the header X-Scope-OrgID.")
    package var multitenancy = false

    @OptionGroup package var tenants: TenantOptions
    @OptionGroup package var limits: LimitFlags
    @OptionGroup package var remote: RemoteFlags
    @OptionGroup package var rules: RuleFlags
    @OptionGroup package var idle: IdleFlags
    @OptionGroup package var bucket: BucketFlags
    @OptionGroup package var writers: WriterFlags

    /// The features that are on: the flag takes several at once and may be given more than once.
    var featureNames: [String] { features.flatMap { $0.split(separator: ",").map(String.init) } }

    package init() {}

    package mutating func validate() throws {
        guard queryMaxSamples > 0 else { throw ValidationError("--query.max-samples must be above 0") }
        guard (1...1000).contains(queryMaxConcurrency) else {
            throw ValidationError("--query.max-concurrency must be within 1 and 1000")
        }
        guard queryTimeout.milliseconds > 0, lookbackDelta.milliseconds > 0 else {
            throw ValidationError("--query.timeout and --query.lookback-delta must be above 0")
        }
        guard ["snappy", "zstd"].contains(walCompressionType) else {
            throw ValidationError("--storage.tsdb.wal-compression-type must be snappy or zstd")
        }
        for message in acceptedMessages where RemoteWrite.Message(rawValue: message) == nil {
            throw ValidationError(
                "unknown remote write protobuf message \(message), supported: "
                    + RemoteWrite.Message.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard !bucket.store.readOnly || rules.path == nil else {
            throw ValidationError("--rules.path is of no use with --storage.read-only, which evaluates no rules")
        }
    }
}
