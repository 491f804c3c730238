import MartletCore

/// What a queue has done, for its metrics and for the plan of its shards.
final class QueueCounters: Sendable {
    /// Counts since the queue began.
    struct Values: Sendable {
        /// Counts of one kind of sample.
        struct Kind: Sendable {
            var sent = 0
            var failed = 0
            var retried = 0
            var dropped: [String: Int] = [:]
            var pending = 0
        }

        var samples = Kind()
        var histograms = Kind()
        var exemplars = Kind()
        /// Metric families.
        var metadata = Kind()
        var bytes = 0
        var metadataBytes = 0
        var shards = 0
        var shardsWanted = 0.0
        /// Time of the newest sample read from the log, and sent; milliseconds.
        var highestRead = Int64.min
        var highestSent = Int64.min
        /// When something was sent last.
        var lastSent: ContinuousClock.Instant?
        /// Since the last look of the plan.
        var plan = ShardPlan.Counts()

        /// All samples that were read and are neither sent nor given up.
        var pending: Int { samples.pending + histograms.pending + exemplars.pending }
    }

    private let values = Lock(Values())

    var current: Values { values.withLock { $0 } }

    func update<R>(_ body: (inout Values) -> R) -> R { values.withLock { body(&$0) } }
}

extension QueueCounters.Values {
    /// How many there are of each kind.
    struct Sizes: Sendable {
        var samples = 0
        var histograms = 0
        var exemplars = 0

        init(_ batch: [QueuedSample]) {
            for sample in batch {
                switch sample.content {
                case .float: samples += 1
                case .histogram: histograms += 1
                case .exemplar: exemplars += 1
                }
            }
        }
    }

    /// Adds `factor` times as many to a count of each kind.
    mutating func add(_ sizes: Sizes, _ field: WritableKeyPath<Kind, Int>, times factor: Int = 1) {
        samples[keyPath: field] += factor * sizes.samples
        histograms[keyPath: field] += factor * sizes.histograms
        exemplars[keyPath: field] += factor * sizes.exemplars
    }

    /// Counts samples that waited and are not sent.
    mutating func drop(_ sizes: Sizes, _ reason: String) {
        samples.dropped[reason, default: 0] += sizes.samples
        histograms.dropped[reason, default: 0] += sizes.histograms
        exemplars.dropped[reason, default: 0] += sizes.exemplars
        add(sizes, \.pending, times: -1)
    }
}
