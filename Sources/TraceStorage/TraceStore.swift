package import Durable
package import Logging
package import MartletCore
package import TraceQL
import Wire

/// The spans of one tenant: a record log on disk and the parts in memory that answer queries.
///
/// Many threads may append and read. Appends and `init` block on the disk: keep them off event loops and the cooperative
/// pool.
package final class TraceStore: TraceSource, Sendable {
    /// What became of a request.
    package struct Outcome: Sendable, Hashable {
        /// Spans stored.
        package var accepted = 0
        /// Spans refused, by reason as in `tempo_discarded_spans_total`.
        package var rejected: [String: Int] = [:]
        /// Attribute keys and values that were cut.
        package var truncated = 0
        /// For the sender: which limits were met; empty when none was.
        package var message = ""

        /// `accepted` spans stored and nothing else to say.
        package init(accepted: Int = 0) {
            self.accepted = accepted
        }
    }

    /// What is held now.
    package struct Statistics: Sendable, Hashable {
        /// Spans in memory, replaced copies included.
        package let spans: Int
        /// Traces in memory.
        package let traces: Int
        /// Bytes of memory.
        package let memory: Int
        /// Bytes of the log's files.
        package let logBytes: Int64
        /// Spans that went because of age or size since the start.
        package let expired: Int
    }

    private struct State {
        var parts: PartSet
        var charged = 0
        /// Requests that may be in the log and are not in memory yet.
        var pending = 0
        var segmentsAreDue = false
        /// Some thread removes segments.
        var isTruncating = false
        var expired = 0
        var unreported = 0
        var lastReport: UInt64 = 0
    }

    private let options: TraceStoreOptions
    private let log: RecordLog
    private let fileSystem: any FileSystem
    private let budget: MemoryBudget
    private let logger: Logger
    private let state: Lock<State>

    /// Opens the store in `directory` and reads its log.
    ///
    /// - Parameter now: Unix nanoseconds; what is older than the retention is not read into memory.
    package init(
        _ directory: String, options: TraceStoreOptions, budget: MemoryBudget, logger: Logger, now: UInt64,
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(TraceStoreError) {
        self.options = options
        self.budget = budget
        self.logger = logger
        self.fileSystem = fileSystem
        state = Lock(State(parts: PartSet(rowsPerPart: options.rowsPerPart)))
        var logOptions = RecordLog.Options()
        logOptions.segmentBytes = options.segmentBytes
        logOptions.sync = options.sync
        do throws(DurableError) {
            log = try RecordLog(FilePath.join(directory, "wal"), options: logOptions, on: fileSystem)
        } catch {
            throw .log(error)
        }
        try replay(now: now)
    }

    deinit {
        state.withLock { budget.release($0.charged) }
    }

    // MARK: Writing

    /// Stores an ExportTraceServiceRequest in protobuf. When it returns, the spans are in the log and in every later query.
    ///
    /// - Parameter now: arrival, Unix nanoseconds.
    package func append(_ body: [UInt8], now: UInt64) throws(TraceStoreError) -> Outcome {
        // The error travels as a result because withUnsafeBytes rethrows untyped errors.
        let result: Result<Outcome, TraceStoreError> = body.withUnsafeBytes { bytes in
            do throws(TraceStoreError) {
                return .success(try append(bytes, now: now))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func append(_ body: UnsafeRawBufferPointer, now: UInt64) throws(TraceStoreError) -> Outcome {
        let request: DecodedRequest
        do throws(WireError) {
            request = try DecodedRequest(body)
        } catch {
            throw .malformed(error)
        }
        if request.spans.isEmpty { return Outcome() }
        var outcome = Outcome()
        let rejected = judge(request, &outcome)
        outcome.accepted = request.spans.count - rejected.count
        guard outcome.accepted > 0 else { throw .refused(outcome.message) }
        outcome.truncated = countTruncated(request)
        if outcome.truncated > 0 {
            outcome.message += outcome.message.isEmpty ? "" : "; "
            outcome.message +=
                "\(outcome.truncated) attribute keys or values longer than \(options.attributes.bytes) bytes were cut; "
                + "the limit is distributor.max_attribute_bytes"
        }
        try makeRoom(for: body.count)
        let position: RecordPosition
        state.withLock { $0.pending += 1 }
        do throws(DurableError) {
            position = try log.append(TraceRecord.encode(body, arrival: now, rejected: rejected))
        } catch {
            state.withLock { $0.pending -= 1 }
            throw .log(error)
        }
        state.withLock { state in
            state.pending -= 1
            state.parts.apply(
                request, rejected: rejected, arrival: now, segment: position.segment, limits: options.attributes)
        }
        retain(now: now)
        return outcome
    }

    /// The ordinals of the spans that are refused.
    private func judge(_ request: DecodedRequest, _ outcome: inout Outcome) -> [Int] {
        var rejected: [Int] = []
        for ordinal in request.spans.indices where !request.spans[ordinal].hasValidIDs { rejected.append(ordinal) }
        if !rejected.isEmpty {
            outcome.rejected["invalid_trace_id"] = rejected.count
            outcome.message =
                "\(rejected.count) spans refused: trace ids must have 16 bytes and span ids 8, not all zero"
        }
        let tooLarge = oversized(request)
        if !tooLarge.isEmpty {
            outcome.rejected["trace_too_large"] = tooLarge.count
            outcome.message += outcome.message.isEmpty ? "" : "; "
            outcome.message +=
                "\(tooLarge.count) spans refused: their trace exceeds \(options.traceBytes) bytes; "
                + "raise \(options.traceBytesKey)"
            rejected = Set(rejected).union(tooLarge).sorted()
        }
        return rejected
    }

    /// Spans that would make their trace larger than allowed.
    private func oversized(_ request: DecodedRequest) -> [Int] {
        guard options.traceBytes > 0 else { return [] }
        let total = request.spans.reduce(0) { $0 + Int($1.size) }
        return state.withLock { state in
            // Almost always no trace can come near the limit.
            if state.parts.largestTrace + total <= options.traceBytes { return [] }
            var sizes: [TraceKey: Int] = [:]
            var found: [Int] = []
            for ordinal in request.spans.indices where request.spans[ordinal].hasValidIDs {
                let span = request.spans[ordinal]
                let key = TraceKey(high: span.traceHigh, low: span.traceLow)
                let size = (sizes[key] ?? state.parts.encodedBytes(high: key.high, low: key.low)) + Int(span.size)
                if size > options.traceBytes { found.append(ordinal) } else { sizes[key] = size }
            }
            return found
        }
    }

    private struct TraceKey: Hashable {
        let high: UInt64
        let low: UInt64
    }

    private func countTruncated(_ request: DecodedRequest) -> Int {
        request.attributes.reduce(0) { count, attribute in
            let long = options.attributes.exceeds(Int(attribute.key.count)) ? 1 : 0
            return count + long
                + (attribute.kind == .string && options.attributes.exceeds(Int(attribute.bytes.count)) ? 1 : 0)
        }
    }

    // MARK: Bounds

    /// Bytes of memory that this store may hold: its own limit, or half of the process' where that is less.
    private var memoryLimit: Int { min(options.retentionBytes, budget.limit / 2) }

    /// Refuses when the process' memory is used up by others.
    private func makeRoom(for bytes: Int) throws(TraceStoreError) {
        // Columns and strings of a request take about as much as its encoding; growth doubles some of it for a moment.
        if budget.headroom < 2 * bytes + (1 << 20) { throw .outOfMemory(limit: budget.limit) }
    }

    /// Lets go what is too old or too much, and says so; to be called now and then also without appends.
    package func retain(now: UInt64) {
        let oldest = now - min(now, UInt64(options.retentionSeconds) * 1_000_000_000)
        let limit = memoryLimit
        let (report, due): (Int, Truncation?) = state.withLock { state in
            var dropped = 0
            while let arrival = state.parts.oldestArrival {
                let tooMuch = state.parts.memory > limit || state.parts.encodedBytes > options.retentionBytes
                guard arrival < oldest || tooMuch, let gone = state.parts.dropOldest() else { break }
                dropped += gone.spans
            }
            charge(&state)
            state.expired += dropped
            state.unreported += dropped
            if dropped > 0 { state.segmentsAreDue = true }
            let due = nextTruncation(&state)
            guard dropped > 0, now >= state.lastReport + 60_000_000_000 || state.lastReport == 0 else {
                return (0, due)
            }
            defer { state.unreported = 0 }
            state.lastReport = now
            return (state.unreported, due)
        }
        // On the disk, so not under the lock, which every request and every query takes.
        if let due { dropSegments(due) }
        if report > 0 {
            logger.notice(
                "oldest spans went: older than the retention or over its size",
                metadata: [
                    "spans": "\(report)", "retention_seconds": "\(options.retentionSeconds)",
                    "retention_bytes": "\(limit)", "directory": "\(log.directory)",
                ])
        }
    }

    private enum Truncation {
        /// Spans in memory come from this segment and later ones. What is appended from now on lies there too.
        case before(Int)
        /// There is no span in memory.
        case all
    }

    /// What of the log is not needed any more, if it is time and nobody else removes it; the caller must.
    private func nextTruncation(_ state: inout State) -> Truncation? {
        guard state.segmentsAreDue, state.pending == 0, !state.isTruncating else { return nil }
        state.segmentsAreDue = false
        state.isTruncating = true
        return state.parts.firstSegment.map { .before($0) } ?? .all
    }

    /// Removes the segments that no span in memory comes from.
    private func dropSegments(_ truncation: Truncation) {
        defer { state.withLock { $0.isTruncating = false } }
        do throws(DurableError) {
            switch truncation {
            case .before(let segment): try log.truncate(before: segment)
            case .all:
                let next = try log.cut()
                // What came between the look and the cut lies before it, and is in memory or on its way.
                let isEmpty = state.withLock { state in
                    let isEmpty = state.pending == 0 && state.parts.firstSegment == nil
                    if !isEmpty { state.segmentsAreDue = true }
                    return isEmpty
                }
                if isEmpty { try log.truncate(before: next) }
            }
        } catch {
            logger.error("old segments of the trace log stay on disk", metadata: ["error": "\(error)"])
        }
    }

    private func charge(_ state: inout State) {
        let memory = state.parts.memory
        if memory > state.charged {
            budget.charge(memory - state.charged)
        } else {
            budget.release(state.charged - memory)
        }
        state.charged = memory
    }

    // MARK: Reading

    /// The trace as OTLP TracesData in protobuf (ResourceSpans in field 1), oldest arrival first; nil when it is not known.
    package func trace(high: UInt64, low: UInt64) -> [UInt8]? {
        let found = state.withLock { $0.parts.rows(high: high, low: low) }
        guard found.contains(where: { !$0.rows.isEmpty }) else { return nil }
        var writer = ProtoWriter(capacity: 4096)
        for (part, rows) in found where !rows.isEmpty { PartEncoder(part: part).append(rows: rows, to: &writer) }
        return writer.bytes
    }

    package func snapshot(overlapping range: TimeRange) -> any TraceSnapshot {
        state.withLock { $0.parts.snapshot() }
    }

    /// What is held now.
    package func statistics() -> Statistics {
        let logBytes = logSize()
        return state.withLock { state in
            Statistics(
                spans: state.parts.spanCount, traces: state.parts.traceCount, memory: state.parts.memory,
                logBytes: logBytes,
                expired: state.expired)
        }
    }

    private func logSize() -> Int64 {
        // A segment may go between listing and asking.
        let segments = (try? log.segments()) ?? []
        return segments.reduce(0) { $0 + ((try? fileSystem.status(log.path(ofSegment: $1)).size) ?? 0) }
    }

    // MARK: Life

    /// Makes what was appended survive power loss and ends the log.
    package func close() throws(TraceStoreError) {
        do throws(DurableError) {
            try log.close()
        } catch {
            throw .log(error)
        }
    }

    private func replay(now: UInt64) throws(TraceStoreError) {
        let oldest = now - min(now, UInt64(options.retentionSeconds) * 1_000_000_000)
        // While the log is being read, no segment may go: what follows is not in memory yet.
        state.withLock { $0.pending += 1 }
        var skipped = 0
        var segment = -1
        let report: ReplayReport
        do {
            let total = try log.segments().count
            if total > 0 {
                logger.info(
                    "reading the trace log", metadata: ["segments": "\(total)", "directory": "\(log.directory)"])
            }
            report = try log.replay { bytes, position in
                if position.segment != segment {
                    segment = position.segment
                    retain(now: now)
                    logger.info("reading the trace log", metadata: ["segment": "\(segment)", "of": "\(total)"])
                }
                do {
                    let record = try TraceRecord(decoding: bytes)
                    guard record.arrival >= oldest else { return }
                    let request = try DecodedRequest(record.request)
                    state.withLock { state in
                        state.parts.apply(
                            request, rejected: record.rejected, arrival: record.arrival, segment: position.segment,
                            limits: options.attributes)
                    }
                } catch {
                    skipped += 1
                    logger.warning(
                        "record of the trace log is skipped", metadata: ["at": "\(position)", "error": "\(error)"])
                }
            }
        } catch let error as DurableError {
            throw .log(error)
        } catch {
            throw .corruptRecord("\(error)")
        }
        for damage in report.damage { logger.warning("trace log is damaged", metadata: ["damage": "\(damage)"]) }
        state.withLock { state in
            state.pending -= 1
            state.segmentsAreDue = report.segments > 0
        }
        retain(now: now)
        if report.records > 0 {
            let held = statistics()
            logger.info(
                "trace log is read",
                metadata: [
                    "records": "\(report.records)", "skipped": "\(skipped)", "spans": "\(held.spans)",
                    "traces": "\(held.traces)",
                ])
        }
    }
}
