package import Durable
package import Logging
package import MartletCore
import TraceQL
import TraceSampling
package import Wire

/// The spans of one tenant: a record log, what of it is in memory, and immutable parts on disk.
///
/// A request is written to the record log, then added to the generation of its log segment. A generation that has ended is
/// written to a part, and its segment of the log is removed; neighbouring parts of a like size are merged. The oldest part
/// goes when it is past retention or when the disk's share is used up.
///
/// Many threads may append and read. Everything but `statistics` blocks on the disk: keep it off event loops and the
/// cooperative pool.
package final class TraceStore: TraceSource, Sendable {
    /// What became of a request.
    package struct Outcome: Sendable, Hashable {
        /// Spans stored.
        package var accepted = 0
        /// Spans refused, by reason as in `tempo_discarded_spans_total`.
        package var rejected: [String: Int] = [:]
        /// Places in the request of the spans that were refused, ascending.
        package var rejectedOrdinals: [Int] = []
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
        /// Spans in memory and on disk, replaced copies in other parts included.
        package let spans: Int
        /// Traces; one that lies in several parts counts in each.
        package let traces: Int
        /// Bytes of memory that spans take.
        package let memory: Int
        /// Bytes of the log's files.
        package let logBytes: Int64
        /// Parts on disk.
        package let parts: Int
        /// Bytes of the parts.
        package let partBytes: Int64
        /// Spans that went because of age or size since the start.
        package let expired: Int
    }

    struct State {
        /// By segment, ascending.
        var generations: [Generation] = []
        /// By segments, ascending.
        var parts: [StoredPart] = []
        /// The newest segment known: what is appended from now on goes there or behind.
        var newestSegment = 0
        var appends = AppendsInFlight()
        /// Bytes of memory that the generations are charged for.
        var charged = 0
        var expired = 0
        /// Why the last attempt to write a part failed; nil when it did not.
        var failure: DurableError?
        /// Parts that cannot be merged, since something in them is damaged.
        var unmergeable: Set<SegmentSpan> = []
        /// Parts that were put aside as damaged. There may be sound copies elsewhere.
        var damaged: [SegmentSpan] = []
        var isClosed = false

        var spansInMemory: Int { generations.reduce(0) { $0 + $1.spans.memory } }
        var partBytes: Int64 { parts.reduce(0) { $0 + Int64($1.file.size) } }
        var largestTrace: Int {
            let onDisk = parts.reduce(0) { max($0, $1.file.footer.largestTrace) }
            return generations.reduce(onDisk) { max($0, $1.spans.largestTrace) }
        }
    }

    let directory: String
    let options: TraceStoreOptions
    let log: RecordLog
    let fileSystem: any FileSystem
    let budget: MemoryBudget
    let logger: Logger
    let cache: ColumnCache
    let failures: GroupFailures
    let state = Lock(State())
    /// Nil when all traces are kept. Held while decisions are taken; never together with `state`.
    let tail: Lock<TailState>?
    /// Held by whoever writes generations to parts or removes files: one at a time.
    let upkeep = Lock(())
    /// Held by whoever merges.
    let merging = Lock(())

    /// Opens the store in `directory` and reads its log.
    ///
    /// - Parameters:
    ///   - cache: for what queries decode; stores may share one.
    ///   - now: Unix nanoseconds; what is past retention is not read into memory.
    package init(
        _ directory: String, options: TraceStoreOptions, budget: MemoryBudget, cache: ColumnCache? = nil,
        logger: Logger, now: UInt64, on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(TraceStoreError) {
        self.directory = directory
        self.options = options
        self.budget = budget
        self.logger = logger
        self.fileSystem = fileSystem
        self.cache = cache ?? ColumnCache(limit: Self.cacheBytes(budget), budget: budget)
        failures = GroupFailures(logger: logger)
        tail = options.tail.map { Lock(TailState($0, remembering: Self.notSampledIDs($0, budget))) }
        var logOptions = RecordLog.Options()
        logOptions.segmentBytes = options.segmentBytes
        logOptions.sync = options.sync
        logOptions.recordLimit = max(logOptions.recordLimit, options.segmentBytes)
        do throws(DurableError) {
            try fileSystem.makeDirectories(directory)
            logOptions.firstSegment = try Self.partFiles.cut(
                log: FilePath.join(directory, "wal"), behind: Self.partDirectory(of: directory), on: fileSystem)
            log = try RecordLog(FilePath.join(directory, "wal"), options: logOptions, on: fileSystem)
        } catch {
            throw .log(error)
        }
        try openParts()
        try replay(now: now)
    }

    deinit {
        state.withLock { budget.release($0.charged) }
        tail?.withLock { budget.release($0.charged) }
    }

    /// How much queries may keep of what they decode.
    package static func cacheBytes(_ budget: MemoryBudget) -> Int { max(1 << 20, min(48 << 20, budget.limit / 16)) }

    /// Bytes of memory after which a generation ends.
    var flushBytes: Int { max(1 << 20, min(32 << 20, budget.limit / 16)) }

    // MARK: Writing

    /// Stores an ExportTraceServiceRequest in protobuf. When it returns, the spans are in the log and in every later query.
    ///
    /// - Parameters:
    ///   - now: arrival, Unix nanoseconds.
    ///   - limits: what decoding may cost, beside what the memory budget has left.
    package func append(
        _ body: [UInt8], now: UInt64, limits: DecodeLimits = .standard
    ) throws(TraceStoreError) -> Outcome {
        try Bytes.of(body) { bytes throws(TraceStoreError) in try append(bytes, now: now, limits) }
    }

    /// Whether a request is OTLP, as `append` finds before it looks at what it has.
    package func check(_ body: [UInt8], limits: DecodeLimits = .standard) throws(TraceStoreError) {
        try Bytes.of(body) { bytes throws(TraceStoreError) in _ = try decode(bytes, limits) }
    }

    private func append(
        _ body: UnsafeRawBufferPointer, now: UInt64, _ limits: DecodeLimits
    ) throws(TraceStoreError) -> Outcome {
        let request = try decode(body, limits)
        if request.spans.isEmpty { return Outcome() }
        let memory = request.memory
        guard budget.reserve(memory) else { throw .outOfMemory(limit: budget.limit) }
        defer { budget.release(memory) }
        var outcome = Outcome()
        let rejected = judge(request, &outcome)
        outcome.accepted = request.spans.count - rejected.count
        outcome.rejectedOrdinals = rejected
        guard outcome.accepted > 0 else {
            throw .refused(outcome.message, rejected: outcome.rejected)
        }
        outcome.truncated = countTruncated(request)
        if outcome.truncated > 0 {
            outcome.message += outcome.message.isEmpty ? "" : "; "
            outcome.message +=
                "\(outcome.truncated) attribute keys or values longer than \(options.attributes.bytes) bytes were cut; "
                + "the limit is distributor.max_attribute_bytes"
        }
        // Columns and strings of a request take about as much as its encoding; growth doubles some of it for a moment.
        try makeRoom(for: max(2 * body.count, memory))
        let full = try log(request, rejected: rejected, TraceRecord.encode(body, arrival: now, rejected: rejected), now)
        if let full { endGeneration(of: full, now: now) }
        return outcome
    }

    private func decode(
        _ body: UnsafeRawBufferPointer, _ limits: DecodeLimits
    ) throws(TraceStoreError) -> DecodedRequest {
        let allowed = min(limits.memory, budget.headroom)
        do throws(WireError) {
            return try DecodedRequest(body, limits: DecodeLimits(memory: allowed, depth: limits.depth))
        } catch {
            // What is too large now may fit when others have given memory back, if it can fit at all.
            if case .tooLarge = error, allowed < min(limits.memory, budget.limit) {
                throw .outOfMemory(limit: budget.limit)
            }
            throw .malformed(error)
        }
    }

    /// Writes the record, then adds its spans; the segment whose generation has become large enough to end.
    private func log(
        _ request: DecodedRequest, rejected: [Int], _ record: [UInt8], _ now: UInt64
    ) throws(TraceStoreError) -> Int? {
        let floor = state.withLock { state in
            state.appends.begin(at: state.newestSegment)
            return state.newestSegment
        }
        defer { state.withLock { $0.appends.end(at: floor) } }
        let position: RecordPosition
        do throws(DurableError) {
            position = try log.append(record)
        } catch {
            guard error.code != .tooLarge else {
                throw .malformed(.tooLarge(limit: options.segmentBytes, what: "record of \(record.count) bytes"))
            }
            throw .log(error)
        }
        return apply(request, rejected: rejected, arrival: now, segment: position.segment) ? position.segment : nil
    }

    /// Adds the spans to the generation of the record's segment; whether it has become large enough to end.
    func apply(_ request: DecodedRequest, rejected: [Int], arrival: UInt64, segment: Int) -> Bool {
        state.withLock { state in
            state.newestSegment = max(state.newestSegment, segment)
            let place = generation(segment, &state)
            state.generations[place].noteArrival(arrival)
            state.generations[place].spans.apply(request, rejected: rejected, limits: options.attributes)
            let new = state.generations[place].spans.takeNewTraces()
            if tail != nil { state.generations[place].arrivals.add(new.count, at: arrival) }
            if state.generations.count > 1 || !state.parts.isEmpty { share(new, of: place, &state) }
            charge(&state)
            return state.generations[place].spans.spanCount >= options.spansPerFlush
                || state.generations[place].spans.memory >= flushBytes
                || hasManyTraces(state.generations[place])
        }
    }

    /// The place of a segment's generation, made when missing.
    private func generation(_ segment: Int, _ state: inout State) -> Int {
        if let place = state.generations.lastIndex(where: { $0.segment == segment }) { return place }
        let place = state.generations.firstIndex { $0.segment > segment } ?? state.generations.count
        state.generations.insert(Generation(segment: segment, rowsPerPart: options.rowsPerPart), at: place)
        return place
    }

    /// Notes which of a generation's new traces have spans elsewhere, here and there.
    private func share(_ traces: [TraceKey], of place: Int, _ state: inout State) {
        for key in traces {
            let hash = ValueFilter.hash(high: key.high, low: key.low)
            var bytes = 0
            var isShared = false
            for other in state.generations.indices
            where other != place && state.generations[other].spans.contains(high: key.high, low: key.low) {
                isShared = true
                bytes += state.generations[other].spans.encodedBytes(high: key.high, low: key.low)
                let own = state.generations[place].spans.encodedBytes(high: key.high, low: key.low)
                state.generations[other].spans.share(key, bytesElsewhere: own)
            }
            for part in state.parts.indices where state.parts[part].file.mayContain(hash) {
                guard let number = state.parts[part].trace(key) else { continue }
                isShared = true
                state.parts[part].shared.insert(UInt32(number))
                bytes += encodedBytes(ofTrace: number, in: state.parts[part].file)
            }
            if isShared { state.generations[place].spans.share(key, bytesElsewhere: bytes) }
        }
    }

    func charge(_ state: inout State) {
        let memory = state.spansInMemory
        if memory > state.charged {
            budget.charge(memory - state.charged)
        } else {
            budget.release(state.charged - memory)
        }
        state.charged = memory
    }

    // MARK: Life

    /// What is held now.
    package func statistics() -> Statistics {
        let logBytes = logSize()
        return state.withLock { state in
            Statistics(
                spans: state.generations.reduce(state.parts.reduce(0) { $0 + $1.file.footer.rows }) {
                    $0 + $1.spans.spanCount
                },
                traces: state.generations.reduce(state.parts.reduce(0) { $0 + $1.file.footer.traces }) {
                    $0 + $1.spans.traceCount
                },
                memory: state.spansInMemory, logBytes: logBytes, parts: state.parts.count, partBytes: state.partBytes,
                expired: state.expired)
        }
    }

    func logSize() -> Int64 {
        // A segment may go between listing and asking.
        let segments = (try? log.segments()) ?? []
        return segments.reduce(0) { $0 + ((try? fileSystem.status(log.path(ofSegment: $1)).size) ?? 0) }
    }

    /// Makes what was appended survive power loss and ends the log; from then on nothing changes in the directory. Waits for
    /// a merge that is under way. Again it does nothing.
    package func close() throws(TraceStoreError) {
        state.withLock { $0.isClosed = true }
        do throws(DurableError) {
            try merging.withLock { (_) throws(DurableError) in
                try upkeep.withLock { (_) throws(DurableError) in try log.close() }
            }
        } catch {
            throw .log(error)
        }
    }

    /// Whether nothing may change in the directory any more. What is under way with `merging` or `upkeep` held may end.
    var isClosed: Bool { state.withLock(\.isClosed) }
}
