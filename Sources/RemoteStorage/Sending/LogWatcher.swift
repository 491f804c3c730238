import Durable
import Logging
import MartletCore
import MetricStorage
import Service

/// Reads the store's log for one queue: knows the series that it names, under the labels that they are sent with, and turns
/// its entries into samples for shards. Its calls block.
final class LogWatcher: Sendable {
    /// What one reading gave.
    struct Reading: Sendable {
        /// By shard.
        var samples: [[QueuedSample]]
        /// Samples of series that relabelling drops.
        var dropped = 0
        var floats = 0
        var histograms = 0
        var exemplars = 0
        /// Native histograms that remote write 1.0 cannot carry.
        var unsupported = 0
        /// Samples of series whose names the log does not have any more.
        var unknown = 0
        /// Time of the newest sample, in milliseconds.
        var highest = Int64.min
        /// Whether segments were gone before they were read.
        var hasLost = false
        /// Whether nothing was there to read.
        var isAtEnd = false
        /// Bytes of labels that are new.
        fileprivate var memory = 0
    }

    /// What a queue sends of what the log has, and under which labels.
    struct Selection: Sendable {
        let externalLabels: [(key: String, value: String)]
        let relabelRules: [RelabelRule]
        let sendsExemplars: Bool
        let sendsHistograms: Bool
        /// Whether the message can carry native histograms with bounds of their own.
        let sendsCustomBuckets: Bool
    }

    private struct State {
        var tail: LogTail
        /// Labels to be sent; nil for series that relabelling drops.
        var series: [UInt64: Labels?] = [:]
        var memory = 0
        /// The checkpoint from which `series` was last gathered.
        var checkpoint: Int?
    }

    private let selection: Selection
    private let budget: MemoryBudget
    /// What is before it may have been sent already.
    private let uncertainUntil: RecordPosition
    private let state: Lock<State>

    /// Follows the log of the store at `path` from a position on.
    init(
        _ path: String, from position: RecordPosition, uncertainUntil: RecordPosition, selection: Selection,
        budget: MemoryBudget
    ) throws(DurableError) {
        self.selection = selection
        self.budget = budget
        self.uncertainUntil = uncertainUntil
        let tail = try LogTail(store: path, from: position)
        state = Lock(State(tail: tail))
        try state.withLock { (state: inout State) throws(DurableError) in try gather(&state) }
    }

    deinit { budget.release(state.withLock { $0.memory }) }

    /// Forgets the series that the log does not name any more, if it was truncated since the last time.
    func forget() throws(DurableError) {
        try state.withLock { (state: inout State) throws(DurableError) in
            if try state.tail.newestCheckpoint() != state.checkpoint { try gather(&state) }
        }
    }

    /// Learns anew which series the log names.
    private func gather(_ state: inout State) throws(DurableError) {
        let tail = state.tail
        state.checkpoint = try tail.newestCheckpoint()
        let old = state.series
        var series: [UInt64: Labels?] = [:]
        try tail.knownSeries { ref, bytes in
            guard series[ref] == nil else { return }
            series.updateValue(old[ref] ?? selection.labels(of: bytes), forKey: ref)
        }
        charge(series.reduce(0) { $0 + Self.memory(of: $1.value) } - state.memory, &state)
        state.series = series
    }

    private static func memory(of labels: Labels?) -> Int { 64 + (labels.map { $0.bytes.count + 32 } ?? 0) }

    /// Counts memory beyond the limit as well, since samples must not be lost for it.
    private func charge(_ bytes: Int, _ state: inout State) {
        if bytes > 0 { budget.charge(bytes) } else { budget.release(-bytes) }
        state.memory += bytes
    }

    /// Reads at least `limit` samples, or what there is, into `progress` and for `shards`. A record is read whole.
    func read(_ limit: Int, shards: Int, progress: Lock<SendProgress>) throws(DurableError) -> Reading {
        try state.withLock { (state: inout State) throws(DurableError) in
            var reading = Reading(samples: Array(repeating: [], count: shards))
            var total = 0
            while total < limit {
                let number = progress.withLock { $0.next }
                let isUncertain = state.tail.position < uncertainUntil
                let segment = state.tail.position.segment
                var count = 0
                // Taken out while the record is visited, which is a call with access to the rest.
                var series: [UInt64: Labels?] = [:]
                swap(&series, &state.series)
                defer { swap(&series, &state.series) }
                let isThere = try state.tail.next { entry in
                    guard
                        let (ref, sample) = sample(
                            entry, &series, record: number, isUncertain: isUncertain, &reading)
                    else { return }
                    reading.samples[Int(ref % UInt64(shards))].append(sample)
                    count += 1
                }
                if state.tail.position.segment > segment + 1 { reading.hasLost = true }
                guard isThere else {
                    reading.isAtEnd = true
                    break
                }
                progress.withLock { $0.begin(samples: count, end: state.tail.position) }
                total += count
            }
            charge(reading.memory, &state)
            return reading
        }
    }

    private func sample(
        _ entry: LogEntry, _ series: inout [UInt64: Labels?], record: UInt64, isUncertain: Bool,
        _ reading: inout Reading
    ) -> (UInt64, QueuedSample)? {
        let (ref, time, content): (UInt64, Int64, QueuedSample.Content)
        switch entry {
        case .series(let ref, let bytes):
            let labels = selection.labels(of: bytes)
            series.updateValue(labels, forKey: ref)
            reading.memory += Self.memory(of: labels)
            return nil
        case .sample(let source, let timestamp, let bits):
            reading.floats += 1
            reading.highest = max(reading.highest, timestamp)
            (ref, time, content) = (source, timestamp, .float(Double(bitPattern: bits)))
        case .histogram(let source, let timestamp, let histogram):
            guard selection.sendsHistograms else { return nil }
            reading.histograms += 1
            reading.highest = max(reading.highest, timestamp)
            guard selection.sendsCustomBuckets || histogram.layout.customBounds.isEmpty else {
                reading.unsupported += 1
                return nil
            }
            (ref, time, content) = (source, timestamp, .histogram(histogram))
        case .exemplar(let source, let timestamp, let bits, let labels):
            guard selection.sendsExemplars else { return nil }
            reading.exemplars += 1
            let own = Labels(canonicalBytes: Array(labels))
            (ref, time, content) = (source, timestamp, .exemplar(own, Double(bitPattern: bits)))
        }
        guard let known = series[ref] else {
            reading.unknown += 1
            return nil
        }
        guard let labels = known else {
            reading.dropped += 1
            return nil
        }
        let sample = QueuedSample(
            series: labels, timestamp: time, content: content, record: record, isUncertain: isUncertain)
        return (ref, sample)
    }
}

extension LogWatcher.Selection {
    /// The labels that a series is sent under; nil when it is not sent.
    func labels(of canonicalBytes: UnsafeRawBufferPointer) -> Labels? {
        let own = Labels(canonicalBytes: Array(canonicalBytes))
        guard !externalLabels.isEmpty else { return RelabelRule.apply(relabelRules, to: own) }
        var builder = LabelsBuilder(own)
        for (key, value) in externalLabels where builder[key] == nil { builder.set(key, value) }
        return RelabelRule.apply(relabelRules, to: builder.build())
    }
}
