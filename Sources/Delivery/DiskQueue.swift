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

    private struct Segment {
        var bytes: Int64 = 0
        /// Payloads in it that are neither delivered nor dropped.
        var waiting = 0
    }

    private struct State {
        var cursor: QueueCursor
        var reader: RecordReader
        var head: Item?
        var segments: [Int: Segment] = [:]
        var waiting = 0
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
        var cursor = try QueueCursor(directory, on: fileSystem)
        // Without segments the log counts from zero again: a place beyond its end would hide what comes.
        let last = try log.segments().last
        if cursor.position.segment > (last ?? -1) {
            try cursor.move(to: RecordPosition(segment: last.map { $0 + 1 } ?? 0, offset: 0))
        }
        var (segments, report) = try Self.count(log, from: cursor.position, repair: true)
        for damage in report.damage {
            logger.warning("queue damaged", metadata: ["queue": .string(name), "damage": .string("\(damage)")])
            guard case .rewritten = damage.repair, damage.path == log.path(ofSegment: cursor.position.segment) else {
                continue
            }
            // The records lie elsewhere in the rewritten file: some are sent again rather than any left out.
            try cursor.move(to: RecordPosition(segment: cursor.position.segment, offset: 0))
            (segments, report) = try Self.count(log, from: cursor.position, repair: false)
            break
        }
        let waiting = segments.values.reduce(0) { $0 + $1.waiting }
        for segment in try log.segments() {
            segments[segment, default: Segment()].bytes = try fileSystem.status(log.path(ofSegment: segment)).size
        }
        self.name = name
        self.log = log
        self.options = options
        self.fileSystem = fileSystem
        self.logger = logger
        self.now = now
        let reader = try RecordReader(log.directory, from: cursor.position, on: fileSystem)
        state = Lock(State(cursor: cursor, reader: reader, segments: segments, waiting: waiting))
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let dimensions = [("queue", name)]
        bytesGauge = Gauge(label: "martlet_delivery_queue_bytes", dimensions: dimensions)
        payloadsGauge = Gauge(label: "martlet_delivery_queue_payloads", dimensions: dimensions)
        droppedCounter = Counter(
            label: "martlet_delivery_dropped_payloads_total", dimensions: dimensions + [("reason", "queue_limit")])
        state.withLock { publish($0) }
    }

    /// Replays the log and counts the records behind `start` by segment.
    private static func count(
        _ log: RecordLog, from start: RecordPosition, repair: Bool
    ) throws -> ([Int: Segment], ReplayReport) {
        var segments: [Int: Segment] = [:]
        let report = try log.replay(from: start.segment, repair: repair) { _, position in
            if position >= start { segments[position.segment, default: Segment()].waiting += 1 }
        }
        return (segments, report)
    }

    /// Payloads that wait.
    package var count: Int { state.withLock { $0.waiting } }

    /// Bytes on disk.
    package var bytes: Int64 { state.withLock { $0.segments.values.reduce(0) { $0 + $1.bytes } } }

    /// Largest payload that the queue takes, in bytes.
    package var payloadLimit: Int { options.segmentBytes - 64 << 10 }

    // MARK: Appending

    /// Appends a payload; when this returns it will be delivered, whatever happens to the process.
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
            state.segments[ticket.position.segment, default: Segment()].waiting += 1
            state.segments[ticket.position.segment, default: Segment()].bytes = ticket.position.offset
            state.waiting += 1
            try enforceSize(&state, current: ticket.position.segment)
            publish(state)
            return ticket
        }
        try log.settle(ticket)
        arrival.yield()
    }

    /// Drops the oldest segments while the queue is too large.
    private func enforceSize(_ state: inout State, current: Int) throws(DurableError) {
        var total = state.segments.values.reduce(0) { $0 + $1.bytes }
        guard total > Int64(options.maxBytes) else { return }
        var dropped = 0
        var first = current
        for number in state.segments.keys.sorted() where number < current {
            first = number + 1
            if let segment = state.segments.removeValue(forKey: number) {
                total -= segment.bytes
                dropped += segment.waiting
            }
            if total <= Int64(options.maxBytes) { break }
        }
        if state.cursor.position.segment < first {
            try state.cursor.move(to: RecordPosition(segment: first, offset: 0))
            state.reader = try RecordReader(log.directory, from: state.cursor.position, on: fileSystem)
            state.head = nil
        }
        try log.truncate(before: first)
        state.waiting -= dropped
        guard dropped > 0 else { return }
        droppedCounter.increment(by: dropped)
        logger.warning(
            "queue is full, its oldest payloads are dropped",
            metadata: [
                "queue": .string(name), "dropped": .stringConvertible(dropped),
                "limit_bytes": .stringConvertible(options.maxBytes),
            ])
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
            state.head = nil
            try advance(&state, to: item.end)
        }
    }

    private func advance(_ state: inout State, to end: RecordPosition) throws(DurableError) {
        let left = state.cursor.position.segment
        try state.cursor.move(to: end)
        state.waiting = max(0, state.waiting - 1)
        if var segment = state.segments[end.segment] {
            segment.waiting = max(0, segment.waiting - 1)
            state.segments[end.segment] = segment
        }
        if end.segment > left {
            try log.truncate(before: end.segment)
            state.segments = state.segments.filter { $0.key >= end.segment }
        }
        publish(state)
    }

    private func publish(_ state: State) {
        bytesGauge.record(state.segments.values.reduce(0) { $0 + $1.bytes })
        payloadsGauge.record(state.waiting)
    }

    /// Syncs what was appended and refuses further appends.
    package func close() throws(DurableError) {
        arrival.finish()
        try log.close()
    }
}
