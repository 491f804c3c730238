import Durable
import Logging
import MartletCore
import MetricStorage
import Service
import Wire

/// Sends what the store takes to one receiver: reads the log, spreads the samples over shards by series, which keeps a series'
/// samples in order, and sends each shard's in requests of its own. A request that fails for a while is tried until it is
/// taken; the log waits meanwhile, so that an outage costs disk space, not samples.
final class WriteQueue: Sendable {
    /// How often the log is looked at when it has nothing new.
    private static let pause = Duration.milliseconds(200)
    /// How often the series are looked through, and the position is made to survive power loss.
    private static let care = Duration.seconds(60)

    let config: RemoteWriteConfig
    /// What the metrics call it.
    let name: String
    let counters = QueueCounters()
    private let watcher: LogWatcher
    private let transport: any WriteTransport
    private let metadata: MetadataTable
    private let blocking: BlockingPool
    private let budget: MemoryBudget
    private let logger: Logger
    private let progress: Lock<SendProgress>
    private let file: Lock<PositionFile>
    private let state = Lock(State())

    private struct State {
        var isStopping = false
        var shards: [Shard] = []
        var plan: ShardPlan
        var lastWarning: ContinuousClock.Instant?

        init() { plan = ShardPlan(minimum: 1, maximum: 1) }
    }

    /// What a queue works with.
    struct Context: Sendable {
        /// The store's directory.
        let path: String
        /// The file that keeps the queue's position.
        let positionFile: String
        let metadata: MetadataTable
        let blocking: BlockingPool
        let budget: MemoryBudget
        let logger: Logger
    }

    /// A queue that goes on where its position file says, or at `end` of the log when there is none. Reads the series of the
    /// log, which may take seconds.
    init(
        _ config: RemoteWriteConfig, name: String, externalLabels: [(key: String, value: String)],
        end: RecordPosition, transport: any WriteTransport, context: Context
    ) throws {
        self.config = config
        self.name = name
        self.transport = transport
        metadata = context.metadata
        blocking = context.blocking
        budget = context.budget
        var logger = context.logger
        logger[metadataKey: "remote_name"] = "\(name)"
        self.logger = logger
        var file = try PositionFile(context.positionFile, on: DiskFileSystem())
        var start = file.found ?? .init(acknowledged: end, handedOut: end)
        if file.isDamaged || start.acknowledged > end {
            // Damaged, or of another log, since this one begins anew: nobody knows what of it was sent.
            start = .init(acknowledged: .init(segment: 0, offset: 0), handedOut: end)
            logger.warning(
                file.isDamaged
                    ? "the file of the position is damaged: everything in the log is sent"
                    : "the position is beyond the end of the log: everything in the log is sent",
                metadata: ["file": "\(context.positionFile)"])
        }
        try file.save(start)
        self.file = Lock(file)
        progress = Lock(SendProgress(acknowledged: start.acknowledged, handedOut: start.handedOut))
        watcher = try LogWatcher(
            context.path, from: start.acknowledged, uncertainUntil: start.handedOut,
            selection: .init(
                externalLabels: externalLabels, relabelRules: config.relabelRules,
                sendsExemplars: config.sendsExemplars,
                sendsHistograms: config.sendsHistograms || config.message == .version2,
                sendsCustomBuckets: config.message == .version2),
            budget: context.budget)
        state.withLock {
            $0.plan = ShardPlan(minimum: config.queue.minShards, maximum: config.queue.maxShards)
        }
    }

    /// The oldest segment of the log that it still needs.
    var oldestSegment: Int { progress.withLock { $0.acknowledged.segment } }

    /// Lets `run` end once what was read is sent. Cancelling its task ends it at once.
    func stop() {
        let shards = state.withLock { state in
            state.isStopping = true
            return state.shards
        }
        for shard in shards { shard.close() }
    }

    /// Sends until it is stopped.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.repeating(ShardPlan.interval) { self.look() } }
            group.addTask { await self.repeating(Self.care) { await self.tend() } }
            if config.message == .version1, config.metadata.isSent {
                group.addTask {
                    await self.repeating(.milliseconds(self.config.metadata.intervalMs)) { await self.sendMetadata() }
                }
            }
            while !isStopping { await runShards() }
            group.cancelAll()
        }
        try? await blocking.run { try self.file.withLock { try $0.sync() } }
        // Not waited for: it waits itself for connections that are being made, which takes a receiver that does not answer as
        // long as a request may.
        Task { [transport] in await transport.shutdown() }
    }

    private var isStopping: Bool { Task.isCancelled || state.withLock { $0.isStopping } }

    private func repeating(_ interval: Duration, _ body: @Sendable () async -> Void) async {
        while (try? await Task.sleep(for: interval)) != nil { await body() }
    }

    // MARK: Shards

    /// Runs as many shards as the plan wants, until it wants another number or the queue stops; then sends what they hold.
    private func runShards() async {
        let wanted = state.withLock { $0.plan.shards }
        let each = config.queue.capacity * MemoryLayout<QueuedSample>.stride
        var count = 0
        while count < wanted, budget.reserve(each) { count += 1 }
        // One there must be, or samples would never leave.
        if count == 0 {
            budget.charge(each)
            count = 1
        }
        defer { budget.release(count * each) }
        let shards = (0..<count).map { _ in Shard(capacity: config.queue.capacity) }
        let isLate = state.withLock { state in
            state.shards = shards
            return state.isStopping
        }
        if isLate { return }
        counters.update { $0.shards = shards.count }
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                for shard in shards { group.addTask { await self.send(from: shard) } }
                await feed(shards, wanted: wanted)
                for shard in shards { shard.close() }
            }
        } onCancel: {
            for shard in shards { shard.close(discarding: true) }
        }
    }

    /// Reads the log into the shards.
    private func feed(_ shards: [Shard], wanted: Int) async {
        while !isStopping, state.withLock({ $0.plan.shards == wanted }) {
            let reading: LogWatcher.Reading
            do {
                let limit = config.queue.batchSize
                reading = try await blocking.run { [watcher, progress] in
                    try watcher.read(limit, shards: shards.count, progress: progress)
                }
            } catch {
                warn("the log cannot be read", ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
                continue
            }
            note(reading)
            for (shard, samples) in zip(shards, reading.samples) where !samples.isEmpty {
                // What a closed shard does not take is read again by the next queue.
                guard await shard.add(samples) else { return }
            }
            if reading.isAtEnd { try? await Task.sleep(for: Self.pause) }
        }
    }

    private func note(_ reading: LogWatcher.Reading) {
        counters.update { values in
            values.plan.read += reading.floats + reading.histograms + reading.exemplars
            values.plan.dropped += reading.dropped
            values.highestRead = max(values.highestRead, reading.highest)
            for samples in reading.samples { values.add(.init(samples), \.pending) }
            if reading.dropped > 0 { values.samples.dropped["dropped_series", default: 0] += reading.dropped }
            if reading.unknown > 0 {
                values.samples.dropped["unintentionally_dropped_series", default: 0] += reading.unknown
            }
            if reading.unsupported > 0 {
                values.histograms.dropped["nhcb_in_rw1_not_supported", default: 0] += reading.unsupported
            }
        }
        if reading.hasLost {
            logger.error(
                "segments of the log were removed before they were sent: raise --storage.remote.backlog.time or .size")
        }
        if reading.unknown > 0 {
            warn("samples of series that the log does not name were dropped", ["samples": "\(reading.unknown)"])
        }
    }

    // MARK: Sending

    private func send(from shard: Shard) async {
        let queue = config.queue
        while let batch = await shard.next(queue.batchSize, deadline: .milliseconds(queue.batchDeadlineMs)) {
            await send(batch)
        }
    }

    /// Sends a batch, however long it takes; samples of it that are not sent when the task is cancelled stay unacknowledged.
    private func send(_ batch: [QueuedSample]) async {
        var batch = batch
        var backoff = config.queue.minBackoffMs
        var attempt = 0
        while !Task.isCancelled {
            batch = withoutTooOld(batch)
            guard !batch.isEmpty else { return }
            let body: [UInt8]
            do {
                handOut(batch)
                let (samples, message) = (batch, config.message)
                let table = config.metadata.isSent ? metadata : nil
                body = try await blocking.run { try WriteBatch.body(samples, message, metadata: table) }
            } catch is CancellationError {
                return
            } catch {
                warn("a request cannot be made", ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(config.queue.maxBackoffMs))
                continue
            }
            let began = ContinuousClock.now
            let answer = await transport.send(body, attempt: attempt)
            switch answer {
            case .taken:
                let newest = batch.reduce(Int64.min) { max($0, $1.timestamp) }
                let sizes = QueueCounters.Values.Sizes(batch)
                counters.update { values in
                    values.add(sizes, \.sent)
                    values.bytes += body.count
                    values.highestSent = max(values.highestSent, newest)
                    values.lastSent = .now
                    values.plan.sent += batch.count
                    values.plan.sending += ContinuousClock.now - began
                }
                return finish(batch)
            case .refused(let reason):
                return await refused(batch, reason)
            case .retry(let reason, let after):
                if Task.isCancelled { return }
                attempt += 1
                let sizes = QueueCounters.Values.Sizes(batch)
                counters.update { $0.add(sizes, \.retried) }
                warn(
                    "samples cannot be sent; they are tried again", ["error": "\(reason)", "samples": "\(batch.count)"])
                try? await Task.sleep(for: after ?? .milliseconds(backoff))
                backoff = min(backoff * 2, config.queue.maxBackoffMs)
            }
        }
    }

    /// A receiver of 1.0 may refuse a whole request for one sample, such as one that it has already. What may have been sent
    /// before the process was restarted is therefore tried in ever smaller parts.
    private func refused(_ batch: [QueuedSample], _ reason: String) async {
        let isUncertain = config.message == .version1 && batch.contains(where: \.isUncertain)
        if isUncertain, batch.count > 1 {
            let middle = batch.count / 2
            await send(Array(batch[..<middle]))
            return await send(Array(batch[middle...]))
        }
        if !isUncertain {
            let sizes = QueueCounters.Values.Sizes(batch)
            counters.update { $0.add(sizes, \.failed) }
            logger.error(
                "samples were refused and are given up", metadata: ["error": "\(reason)", "samples": "\(batch.count)"])
        }
        finish(batch)
    }

    private func withoutTooOld(_ batch: [QueuedSample]) -> [QueuedSample] {
        guard config.queue.sampleAgeLimitMs > 0 else { return batch }
        let oldest = WallClock.milliseconds - config.queue.sampleAgeLimitMs
        let old = batch.filter { $0.timestamp < oldest }
        guard !old.isEmpty else { return batch }
        let sizes = QueueCounters.Values.Sizes(old)
        counters.update { $0.drop(sizes, "too_old") }
        progress.withLock { progress in
            for sample in old { progress.finish(sample.record) }
        }
        save()
        return batch.filter { $0.timestamp >= oldest }
    }

    // MARK: The position

    private func handOut(_ batch: [QueuedSample]) {
        let hasMoved = progress.withLock { progress in
            batch.reduce(false) { progress.handOut($1.record) || $0 }
        }
        if hasMoved { save() }
    }

    private func finish(_ batch: [QueuedSample]) {
        let sizes = QueueCounters.Values.Sizes(batch)
        counters.update { $0.add(sizes, \.pending, times: -1) }
        progress.withLock { progress in
            for sample in batch { progress.finish(sample.record) }
        }
        save()
    }

    /// A write of 64 bytes into the page cache: short enough to be done anywhere.
    private func save() {
        do {
            try file.withLock { file in
                let (acknowledged, handedOut) = progress.withLock { ($0.acknowledged, $0.handedOut) }
                try file.save(.init(acknowledged: acknowledged, handedOut: handedOut))
            }
        } catch {
            warn("the position cannot be saved", ["error": "\(error)"])
        }
    }

    // MARK: Now and then

    /// Lets the plan decide how many shards there should be.
    private func look() {
        let values = counters.update { values in
            defer { values.plan = .init() }
            return values
        }
        let behind =
            values.highestRead == .min || values.highestSent == .min
            ? 0 : Double(max(0, values.highestRead - values.highestSent)) / 1000
        let recently = Duration.milliseconds(2 * config.queue.batchDeadlineMs)
        let isMoving = values.lastSent.map { ContinuousClock.now - $0 < recently } ?? false
        let (wanted, before, after) = state.withLock { state in
            let before = state.plan.shards
            state.plan.look(values.plan, delay: behind, isMoving: isMoving)
            return (state.plan.wanted, before, state.plan.shards)
        }
        counters.update { $0.shardsWanted = wanted }
        if before != after { logger.info("resharding", metadata: ["from": "\(before)", "to": "\(after)"]) }
    }

    private func tend() async {
        do {
            try await blocking.run { [watcher, file] in
                try watcher.forget()
                try file.withLock { try $0.sync() }
            }
        } catch {
            warn("the log cannot be looked through", ["error": "\(error)"])
        }
    }

    private func sendMetadata() async {
        let limit = config.metadata.batchSize
        guard let bodies = try? await blocking.run({ [metadata] in try WriteBatch.metadata(metadata, limit: limit) })
        else { return }
        for (families, body) in bodies {
            var backoff = config.queue.minBackoffMs
            var attempt = 0
            sending: while !Task.isCancelled {
                switch await transport.send(body, attempt: attempt) {
                case .taken:
                    counters.update { values in
                        values.metadata.sent += families
                        values.metadataBytes += body.count
                    }
                    break sending
                case .refused(let reason):
                    counters.update { $0.metadata.failed += families }
                    warn("metadata was refused", ["error": "\(reason)"])
                    break sending
                case .retry(_, let after):
                    attempt += 1
                    counters.update { $0.metadata.retried += families }
                    try? await Task.sleep(for: after ?? .milliseconds(backoff))
                    backoff = min(backoff * 2, config.queue.maxBackoffMs)
                }
            }
        }
    }

    /// At most one line in ten seconds: an outage would write thousands.
    private func warn(_ message: Logger.Message, _ metadata: Logger.Metadata) {
        let isDue = state.withLock { state in
            if let last = state.lastWarning, ContinuousClock.now - last < .seconds(10) { return false }
            state.lastWarning = .now
            return true
        }
        if isDue { logger.warning(message, metadata: metadata) }
    }
}
