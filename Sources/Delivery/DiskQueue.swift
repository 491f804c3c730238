package import Durable
package import Logging
import MartletCore
import Metrics

/// Payloads that wait on disk until they are delivered, oldest first. Many may append; one reads.
///
/// An append returns when the payload is in the log (and synced, under `SyncPolicy.always`): from then on it survives the
/// process. The reader peeks at the oldest payload, delivers it, and commits; a process that dies between the two delivers
/// that payload again. Beyond its size the oldest part of the queue is dropped, by whole log segments, and a log line
/// counts it; what is too old is dropped when its turn comes. All calls block: use a `BlockingPool`.
package final class DiskQueue: Sendable {
    /// How large and how old a queue may get.
    package struct Options: Sendable {
        /// Bytes on disk; at least 1 MiB.
        package var maxBytes: Int
        /// Age in seconds beyond which a payload is not worth sending.
        package var maxAgeSeconds: Int64
        /// When an append is safe.
        package var sync: SyncPolicy

        /// 1 GiB, 24 hours, synced each second unless given.
        package init(
            maxBytes: Int = 1 << 30, maxAgeSeconds: Int64 = 86_400, sync: SyncPolicy = .interval(seconds: 1)
        ) {
            self.maxBytes = max(maxBytes, 1 << 20)
            self.maxAgeSeconds = maxAgeSeconds
            self.sync = sync
        }

        /// An eighth of the queue: that much goes at a time when it is full, and the largest payload must fit.
        var segmentBytes: Int { min(128 << 20, max(128 << 10, maxBytes / 8)) / 32768 * 32768 }
    }

    /// The oldest payload and the place behind it.
    package struct Item: Sendable {
        /// What to deliver.
        package let payload: Payload
        let end: RecordPosition
    }

    private struct State {
        var cursor: QueueCursor
        var reader: RecordReader
        var head: Item?
        var segments: QueueSegments
        /// Whether the last try to remove segments failed.
        var removalFails = false
    }

    /// The queue's name in logs and metrics.
    package let name: String
    /// Yields when something was appended; for the one reader.
    package let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation
    private let log: RecordLog
    private let options: Options
    private let fileSystem: any FileSystem
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let state: Lock<State>
    private let bytesGauge: Gauge
    private let payloadsGauge: Gauge
    private let droppedCounter: Counter
    private let unreadableCounter: Counter

    /// Opens the queue in `directory`, which belongs to it alone, and counts what waits there.
    /// - Parameter now: the time in milliseconds since the Unix epoch.
    package init(
        _ directory: String, name: String, options: Options = Options(), logger: Logger,
        on fileSystem: any FileSystem = DiskFileSystem(), now: @escaping @Sendable () -> Int64
    ) throws {
        var logOptions = RecordLog.Options()
        logOptions.segmentBytes = options.segmentBytes
        logOptions.sync = options.sync
        let log = try RecordLog(FilePath.join(directory, "log"), options: logOptions, on: fileSystem)
        let recovery = try QueueRecovery(directory, log, on: fileSystem)
        for damage in recovery.damage {
            logger.warning("queue damaged", metadata: ["queue": .string(name), "damage": .string("\(damage)")])
        }
        var segments = QueueSegments()
        for (segment, count) in recovery.waiting { segments.add(segment, waiting: count) }
        for segment in try log.segments() {
            segments.set(segment, bytes: try fileSystem.status(log.path(ofSegment: segment)).size)
        }
        self.name = name
        self.log = log
        self.options = options
        self.fileSystem = fileSystem
        self.logger = logger
        self.now = now
        let reader = try RecordReader(log.directory, from: recovery.cursor.position, on: fileSystem)
        state = Lock(State(cursor: recovery.cursor, reader: reader, segments: segments))
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let dimensions = [("queue", name)]
        bytesGauge = Gauge(label: "martlet_delivery_queue_bytes", dimensions: dimensions)
        payloadsGauge = Gauge(label: "martlet_delivery_queue_payloads", dimensions: dimensions)
        let dropped = "martlet_delivery_dropped_payloads_total"
        droppedCounter = Counter(label: dropped, dimensions: dimensions + [("reason", "queue_limit")])
        unreadableCounter = Counter(label: dropped, dimensions: dimensions + [("reason", "unreadable")])
        state.withLock { publish($0) }
    }

    /// Payloads that wait.
    package var count: Int { state.withLock { $0.segments.waiting } }

    /// Bytes on disk.
    package var bytes: Int64 { state.withLock { $0.segments.bytes } }

    /// Largest payload that the queue takes, in bytes.
    package var payloadLimit: Int { options.segmentBytes - 64 << 10 }

    // MARK: Appending

    /// Appends a payload; when this returns it will be delivered, whatever happens to the process. When it throws, the
    /// payload is not in the queue, or (`.closed` and a failed sync) the queue takes nothing more before it is opened again.
    package func append(_ body: [UInt8], tenant: String? = nil) throws(DurableError) {
        guard body.count <= payloadLimit else {
            throw DurableError(
                .tooLarge, path: log.directory, operation: "enqueue",
                message: "a payload of \(body.count) bytes exceeds the \(payloadLimit) bytes that the queue takes")
        }
        let payload = Payload(body: body, tenant: tenant, enqueuedAt: now())
        // Written under the lock, so that sizes and counts never run ahead of or behind the log; the sync is waited for outside.
        let ticket = try state.withLock { (state: inout State) throws(DurableError) in
            let ticket = try log.write(RecordBatch(payload.record))
            state.segments.add(ticket.position.segment, waiting: 1)
            state.segments.set(ticket.position.segment, bytes: ticket.position.offset)
            enforceSize(&state, current: ticket.position.segment)
            publish(state)
            return ticket
        }
        try log.settle(ticket)
        arrival.yield()
    }

    /// Drops the oldest segments while the queue is too large. A failure is only logged, since the payload that came is in
    /// the log and must not be sent twice; the next append tries again.
    private func enforceSize(_ state: inout State, current: Int) {
        guard let first = state.segments.firstKept(limit: Int64(options.maxBytes), current: current) else { return }
        do throws(DurableError) {
            if state.cursor.position.segment < first {
                let place = RecordPosition(segment: first, offset: 0)
                let reader = try RecordReader(log.directory, from: place, on: fileSystem)
                try state.cursor.move(to: place)
                state.reader = reader
                state.head = nil
            }
        } catch {
            return noteRemoval(&state, failure: error)
        }
        let dropped = state.segments.dropPayloads(before: first)
        remove(before: first, &state)
        guard dropped > 0 else { return }
        droppedCounter.increment(by: dropped)
        logger.warning(
            "queue is full, its oldest payloads are dropped",
            metadata: [
                "queue": .string(name), "dropped": .stringConvertible(dropped),
                "limit_bytes": .stringConvertible(options.maxBytes),
            ])
    }

    /// Removes the files of segments that the cursor has left. One that stays for now goes with the next.
    private func remove(before first: Int, _ state: inout State) {
        do throws(DurableError) {
            try log.truncate(before: first)
            state.segments.remove(before: first)
            noteRemoval(&state, failure: nil)
        } catch {
            noteRemoval(&state, failure: error)
        }
    }

    /// The first failure of a row is news, later ones are not.
    private func noteRemoval(_ state: inout State, failure: DurableError?) {
        if let failure, !state.removalFails {
            logger.error(
                "queue cannot remove its oldest part, trying again",
                metadata: ["queue": .string(name), "error": .string("\(failure)")])
        }
        state.removalFails = failure != nil
    }

    // MARK: Reading

    /// The oldest payload, which stays; nil when the queue is empty. Records that cannot be read are passed over.
    package func peek() throws(DurableError) -> Item? {
        try state.withLock { (state: inout State) throws(DurableError) in
            if let head = state.head { return head }
            while let record = try state.reader.next() {
                if let payload = Payload(record: record) {
                    let item = Item(payload: payload, end: state.reader.position)
                    state.head = item
                    return item
                }
                unreadableCounter.increment()
                logger.warning("queue holds a record of unknown shape", metadata: ["queue": .string(name)])
                try advance(&state, to: state.reader.position)
            }
            return nil
        }
    }

    /// Whether a payload has waited longer than it may.
    package func isExpired(_ item: Item) -> Bool {
        now() - item.payload.enqueuedAt > options.maxAgeSeconds * 1000
    }

    /// Removes what `peek` gave. Without effect when the queue dropped it meanwhile.
    package func commit(_ item: Item) throws(DurableError) {
        try state.withLock { (state: inout State) throws(DurableError) in
            guard item.end > state.cursor.position else { return }
            try advance(&state, to: item.end)
            state.head = nil
        }
    }

    private func advance(_ state: inout State, to end: RecordPosition) throws(DurableError) {
        let left = state.cursor.position.segment
        try state.cursor.move(to: end)
        state.segments.finish(end.segment)
        if end.segment > left { remove(before: end.segment, &state) }
        publish(state)
    }

    private func publish(_ state: State) {
        bytesGauge.record(state.segments.bytes)
        payloadsGauge.record(state.segments.waiting)
    }

    /// Syncs what was appended and refuses further appends.
    package func close() throws(DurableError) {
        arrival.finish()
        try log.close()
    }
}
