package import ArgumentParser

/// Flags of Prometheus that are taken without effect, so that unit files and compose files work as they are. A warning
/// names those that were given.
package struct IdleFlags: ParsableArguments, Sendable {
    @Flag(
        name: .customLong("storage.tsdb.no-lockfile"), inversion: .prefixedNo, help: ArgumentHelp(visibility: .hidden))
    package var noLockfile: Bool?
    @Flag(
        name: .customLong("storage.tsdb.allow-overlapping-blocks"), inversion: .prefixedNo,
        help: ArgumentHelp(visibility: .hidden))
    package var overlappingBlocks: Bool?
    @Flag(
        name: .customLong("storage.tsdb.allow-overlapping-compaction"), inversion: .prefixedNo,
        help: ArgumentHelp(visibility: .hidden))
    package var overlappingCompaction: Bool?
    @Flag(name: .customLong("auto-gomaxprocs"), inversion: .prefixedNo, help: ArgumentHelp(visibility: .hidden))
    package var autoMaxProcs: Bool?
    @Flag(name: .customLong("auto-gomemlimit"), inversion: .prefixedNo, help: ArgumentHelp(visibility: .hidden))
    package var autoMemoryLimit: Bool?
    @Flag(name: .customLong("config.auto-reload"), inversion: .prefixedNo, help: ArgumentHelp(visibility: .hidden))
    package var autoReload: Bool?
    @Flag(
        name: .customLong("scrape.adjust-timestamps"), inversion: .prefixedNo, help: ArgumentHelp(visibility: .hidden))
    package var adjustTimestamps: Bool?
    @Option(name: .customLong("storage.tsdb.min-block-duration"), help: ArgumentHelp(visibility: .hidden))
    package var minBlockDuration: String?
    @Option(name: .customLong("storage.tsdb.max-block-duration"), help: ArgumentHelp(visibility: .hidden))
    package var maxBlockDuration: String?
    @Option(name: .customLong("storage.tsdb.max-block-chunk-segment-size"), help: ArgumentHelp(visibility: .hidden))
    package var maxChunkSegmentSize: String?
    @Option(name: .customLong("storage.tsdb.wal-segment-size"), help: ArgumentHelp(visibility: .hidden))
    package var walSegmentSize: String?
    @Option(name: .customLong("storage.tsdb.head-chunks-write-queue-size"), help: ArgumentHelp(visibility: .hidden))
    package var headChunksQueueSize: String?
    @Option(name: .customLong("storage.tsdb.samples-per-chunk"), help: ArgumentHelp(visibility: .hidden))
    package var samplesPerChunk: String?
    @Option(name: .customLong("storage.tsdb.block-reload-interval"), help: ArgumentHelp(visibility: .hidden))
    package var blockReloadInterval: String?
    @Option(name: .customLong("storage.tsdb.delay-compact-file.path"), help: ArgumentHelp(visibility: .hidden))
    package var delayCompactFile: String?
    @Option(name: .customLong("storage.tsdb.delayed-compaction.max-percent"), help: ArgumentHelp(visibility: .hidden))
    package var delayedCompactionPercent: String?
    @Option(name: .customLong("auto-gomemlimit.ratio"), help: ArgumentHelp(visibility: .hidden))
    package var autoMemoryLimitRatio: String?
    @Option(name: .customLong("auto-gomemlimit.refresh-interval"), help: ArgumentHelp(visibility: .hidden))
    package var autoMemoryLimitInterval: String?
    @Option(name: .customLong("config.auto-reload-interval"), help: ArgumentHelp(visibility: .hidden))
    package var autoReloadInterval: String?
    @Option(name: .customLong("scrape.discovery-reload-interval"), help: ArgumentHelp(visibility: .hidden))
    package var discoveryReloadInterval: String?
    @Option(name: .customLong("scrape.timestamp-tolerance"), help: ArgumentHelp(visibility: .hidden))
    package var timestampTolerance: String?
    @Option(name: .customLong("web.read-timeout"), help: ArgumentHelp(visibility: .hidden))
    package var readTimeout: String?
    @Option(name: .customLong("web.user-assets"), help: ArgumentHelp(visibility: .hidden))
    package var userAssets: String?
    @Option(name: .customLong("web.max-notifications-subscribers"), help: ArgumentHelp(visibility: .hidden))
    package var notificationsSubscribers: String?
    @Option(name: .customLong("web.search.max-limit"), help: ArgumentHelp(visibility: .hidden))
    package var searchLimit: String?

    package init() {}

    /// Names of the flags that were given.
    package var given: [String] {
        let flags: [(String, Bool)] = [
            ("storage.tsdb.no-lockfile", noLockfile != nil),
            ("storage.tsdb.allow-overlapping-blocks", overlappingBlocks != nil),
            ("storage.tsdb.allow-overlapping-compaction", overlappingCompaction != nil),
            ("auto-gomaxprocs", autoMaxProcs != nil),
            ("auto-gomemlimit", autoMemoryLimit != nil),
            ("config.auto-reload", autoReload != nil),
            ("scrape.adjust-timestamps", adjustTimestamps != nil),
            ("storage.tsdb.min-block-duration", minBlockDuration != nil),
            ("storage.tsdb.max-block-duration", maxBlockDuration != nil),
            ("storage.tsdb.max-block-chunk-segment-size", maxChunkSegmentSize != nil),
            ("storage.tsdb.wal-segment-size", walSegmentSize != nil),
            ("storage.tsdb.head-chunks-write-queue-size", headChunksQueueSize != nil),
            ("storage.tsdb.samples-per-chunk", samplesPerChunk != nil),
            ("storage.tsdb.block-reload-interval", blockReloadInterval != nil),
            ("storage.tsdb.delay-compact-file.path", delayCompactFile != nil),
            ("storage.tsdb.delayed-compaction.max-percent", delayedCompactionPercent != nil),
            ("auto-gomemlimit.ratio", autoMemoryLimitRatio != nil),
            ("auto-gomemlimit.refresh-interval", autoMemoryLimitInterval != nil),
            ("config.auto-reload-interval", autoReloadInterval != nil),
            ("scrape.discovery-reload-interval", discoveryReloadInterval != nil),
            ("scrape.timestamp-tolerance", timestampTolerance != nil),
            ("web.read-timeout", readTimeout != nil),
            ("web.user-assets", userAssets != nil),
            ("web.max-notifications-subscribers", notificationsSubscribers != nil),
            ("web.search.max-limit", searchLimit != nil),
        ]
        return flags.filter(\.1).map { "--" + $0.0 }
    }
}
