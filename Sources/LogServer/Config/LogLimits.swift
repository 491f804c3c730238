package import LogStorage

/// Loki's `limits_config`, as far as it means something here. Sizes keep Loki's defaults; rates and counts are unlimited
/// unless the file says otherwise, since the memory budget bounds them.
package struct LogLimits: Sendable, Equatable {
    /// Bytes of a line; 0 for no limit.
    package var maxLineSize = 256 << 10
    /// Cuts longer lines instead of refusing them.
    package var truncatesLongLines = false
    package var maxLabelNameLength = 1024
    package var maxLabelValueLength = 2048
    package var maxLabelNamesPerSeries = 15
    package var maxMetadataSize = 64 << 10
    package var maxMetadataCount = 128
    package var allowsMetadata = true
    /// Whether lines older than `rejectOldSamplesMaxAge` are refused.
    package var rejectsOldSamples = true
    /// Nanoseconds.
    package var rejectOldSamplesMaxAge: Int64 = 7 * 86_400_000_000_000
    /// Nanoseconds that a line may lie in the future.
    package var creationGracePeriod: Int64 = 600_000_000_000
    /// Streams of a tenant; 0 for no limit.
    package var maxStreams = 0
    /// Bytes per second a tenant may push; 0 for no limit.
    package var ingestionRate = 0
    /// Bytes a tenant may push at once above its rate.
    package var ingestionBurst = 6 << 20
    package var maxEntriesPerQuery = 5000
    package var maxQuerySeries = 500
    /// Nanoseconds; 0 for no limit.
    package var maxQueryLength: Int64 = 721 * 3_600_000_000_000
    /// Seconds.
    package var queryTimeout = 60.0
    /// Labels that name the service, first present wins; empty turns `service_name` off.
    package var discoverServiceName = [
        "service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
        "k8s_container_name", "component", "workload", "job", "k8s_job_name",
    ]
    /// Whether `detected_level` is added.
    package var discoversLogLevels = true
    /// Names of labels, metadata and fields that carry the level: Loki's, python-json-logger's and Serilog's.
    package var logLevelFields = [
        "level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText", "lvl", "LVL", "Lvl",
        "severity_text", "Severity_Text", "SEVERITY_TEXT", "levelname", "@l",
    ]
    /// Seconds that lines are kept; 0 for as long as the disk has room for them.
    package var retention: Int64 = 31 * 86_400
    /// Times of their own that lines of some streams are kept.
    package var retentionRules: [LogRetention.Rule] = []
    /// How long lines are kept, as the storage takes it.
    var lineRetention: LogRetention {
        LogRetention(seconds: retention > 0 ? retention : .max, rules: retentionRules)
    }
    /// Tails of a tenant at a time; 0 for no limit.
    package var maxTails = 0
    /// Whether lines may be deleted (`deletion_mode`, `allow_deletes`).
    package var allowsDeletes = true
    /// Whether deleted lines go from the disk, not only from answers (`deletion_mode: filter-and-delete`).
    package var deletesFromDisk = true
    /// Series of an answer about volume.
    package var volumeMaxSeries = 1000

    /// Loki's defaults.
    package init() {}
}
