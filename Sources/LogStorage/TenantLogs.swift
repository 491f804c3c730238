import Durable
import LogQL
import Logging
import MartletCore

/// One tenant's lines: its record log, what of it is in memory, and its index files.
///
/// A push is written to the record log, then applied to the generation of its log segment. A generation's heads are
/// sealed into compressed blocks as they fill; the oldest generation goes, with its segment, when it is past retention
/// or when memory or disk run out.
final class TenantLogs: Sendable {
    struct State {
        var registry = StreamRegistry()
        /// By segment, ascending.
        var generations: [Generation] = []
        /// Streams that an index file has or will have, by day.
        var indexed: [Int64: Set<Int>] = [:]
        /// Streams that no index file has yet, by day.
        var unindexed: [Int64: [Int]] = [:]
        var isClosed = false

        /// Forgets streams without lines that every index has: what memory holds is bounded by what it holds lines of.
        mutating func forgetStreams() {
            var used: Set<Int> = []
            for generation in generations { for part in generation.parts { used.insert(part.stream) } }
            for streams in unindexed.values { used.formUnion(streams) }
            let forgotten = registry.forget(except: used)
            guard !forgotten.isEmpty else { return }
            indexed = indexed.mapValues { $0.subtracting(forgotten) }
        }
    }

    static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    let tenant: String
    let directory: String
    let options: LogStorageOptions
    let log: RecordLog
    let state = Lock(State())
    /// What all tenants' lines may take.
    let memory: MemoryBudget
    /// The process' account, of which `memory` is a part.
    let process: MemoryBudget
    let logger: Logger
    let fileSystem: any FileSystem
    let indexes: Lock<[Int64: LogIndex]> = Lock([:])
    private let clock: @Sendable () -> Int64

    /// Opens a tenant's directory, made when missing, and replays its log. `clock` gives Unix seconds.
    init(
        tenant: String, directory: String, options: LogStorageOptions, memory: MemoryBudget,
        process: MemoryBudget, fileSystem: any FileSystem, logger: Logger, clock: @escaping @Sendable () -> Int64
    ) throws {
        self.tenant = tenant
        self.directory = directory
        self.options = options
        self.memory = memory
        self.process = process
        self.fileSystem = fileSystem
        self.logger = logger
        self.clock = clock
        var logOptions = RecordLog.Options()
        logOptions.sync = options.sync
        logOptions.compression = options.compression
        try fileSystem.makeDirectories(FilePath.join(directory, "index"))
        log = try RecordLog(FilePath.join(directory, "wal"), options: logOptions, on: fileSystem)
        try openIndexes()
        try replay()
    }

    deinit {
        account(-state.withLock { $0.generations.reduce(0) { $0 + $1.memoryBytes } })
    }

    // MARK: Writing

    /// Logs a record, then applies it. When this returns the lines are acknowledged under the log's sync policy.
    func append(_ record: LogRecord) throws {
        try makeRoom(for: record.rawBytes)
        let position = try log.append(record.bytes)
        let isFull = try record.bytes.withUnsafeBytes { bytes in
            try apply(bytes, segment: position.segment, now: clock())
        }
        if isFull { _ = try log.cut() }
    }

    /// Whether the record's generation has become large enough to end.
    private func apply(_ record: UnsafeRawBufferPointer, segment: Int, now: Int64) throws -> Bool {
        try state.withLock { (state: inout State) throws -> Bool in
            guard !state.isClosed else { throw LogStorageError.closed }
            let place = try generation(segment, now: now, &state)
            state.generations[place].lastAppend = max(state.generations[place].lastAppend, now)
            var applier = Applier(state: state, generation: place, blockBytes: options.blockBytes)
            // The state moves into the applier and back, so that its arrays are changed in place.
            state = State()
            defer { state = applier.state }
            defer { account(applier.charged) }
            try LogRecord.decode(record, into: &applier)
            try applier.finishStream()
            // With little memory generations are small, so that dropping the oldest leaves most.
            let limit = min(options.generationBytes, max(1 << 20, memory.limit / 4))
            return applier.state.generations[place].rawBytes >= limit
        }
    }

    /// The place of a segment's generation. When it is new, the heads of those before it are sealed.
    private func generation(_ segment: Int, now: Int64, _ state: inout State) throws -> Int {
        if let place = state.generations.lastIndex(where: { $0.segment == segment }) { return place }
        let place = state.generations.firstIndex { $0.segment > segment } ?? state.generations.count
        state.generations.insert(Generation(segment: segment, now: now), at: place)
        for older in 0..<place {
            for part in state.generations[older].parts.indices where !state.generations[older].parts[part].head.isEmpty
            {
                let change = try state.generations[older].accounting(part) { try $0.seal(part, goesOn: false) }
                account(change)
            }
        }
        return place
    }

    /// Applies a record's entries to a generation.
    private struct Applier: LogRecord.Visitor {
        var state: State
        let generation: Int
        let blockBytes: Int
        var charged = 0
        private var part: Int?
        private var stream = 0
        private var day: Int64 = 0
        private var before = 0

        init(state: consuming State, generation: Int, blockBytes: Int) {
            self.state = state
            self.generation = generation
            self.blockBytes = blockBytes
        }

        mutating func stream(_ labels: UnsafeRawBufferPointer) throws {
            try finishStream()
            stream = try state.registry.number(of: labels)
            let known = state.generations[generation].parts.count
            let place = state.generations[generation].place(of: stream)
            part = place
            day = .min
            before = place == known ? 0 : state.generations[generation].parts[place].head.memoryBytes
        }

        mutating func entry(
            _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer
        ) {
            guard let part else { return }
            let entryDay = timestamp.flooredDay
            if entryDay != day {
                day = entryDay
                if state.indexed[day, default: []].insert(stream).inserted {
                    state.unindexed[day, default: []].append(stream)
                }
            }
            state.generations[generation].append(part, timestamp, line, metadata)
        }

        /// Accounts for the stream's head, and seals it when it is full.
        mutating func finishStream() throws {
            guard let part else { return }
            self.part = nil
            let after = state.generations[generation].parts[part].head.memoryBytes
            state.generations[generation].adjust(by: after - before)
            charged += after - before
            if state.generations[generation].parts[part].head.rawBytes >= blockBytes {
                charged += try state.generations[generation].accounting(part) { try $0.seal(part, goesOn: true) }
            }
        }
    }

    private func account(_ change: Int) {
        if change < 0 {
            memory.release(-change)
            process.release(-change)
        } else {
            memory.charge(change)
            process.charge(change)
        }
    }

    // MARK: Making room

    /// Seals, and drops the oldest generations, until `bytes` more fit the storage's share of memory. While segment
    /// `replayed` is read, it and those after it stay on disk.
    private func makeRoom(for bytes: Int, replayed: Int? = nil) throws {
        // A line costs its bytes, its columns, and room for arrays to grow.
        let wanted = bytes * 3
        var isRolled = false
        while memory.headroom < wanted {
            let dropped = state.withLock { $0.generations.count > 1 ? $0.generations.removeFirst() : nil }
            if let dropped {
                try discard(
                    dropped, reason: "memory is at its limit of \(memory.limit) bytes",
                    keepsSegment: replayed.map { dropped.segment >= $0 } ?? false)
            } else {
                // All there is belongs to one generation: end it, which seals it, so that it may go next.
                guard !isRolled, wanted <= memory.limit else { throw LogStorageError.memoryFull(limit: memory.limit) }
                isRolled = true
                let next = try log.cut()
                _ = try state.withLock { (state: inout State) throws in try generation(next, now: clock(), &state) }
            }
        }
    }

    /// Ends old generations, drops what is past retention or over the disk limit, writes new streams to the index.
    func maintain() throws {
        let now = clock()
        let last = state.withLock { $0.generations.last }
        if let last, now - last.firstAppend >= options.generationSeconds { _ = try log.cut() }
        while let dropped = takeExpired(now: now) {
            try discard(dropped, reason: "lines are kept for \(options.retentionSeconds) seconds")
        }
        var sizes = try logSizes()
        while sizes.count > 1, sizes.reduce(0, +) > options.maxLogBytes {
            let dropped = state.withLock { $0.generations.count > 1 ? $0.generations.removeFirst() : nil }
            guard let dropped else { break }
            try discard(dropped, reason: "the record log is over its limit of \(options.maxLogBytes) bytes")
            sizes = try logSizes()
        }
        try flushIndex()
    }

    private func logSizes() throws -> [Int64] {
        try log.segments().map { try fileSystem.status(log.path(ofSegment: $0)).size }
    }

    private func takeExpired(now: Int64) -> Generation? {
        state.withLock { state in
            guard let first = state.generations.first, now - first.lastAppend > options.retentionSeconds else {
                return nil
            }
            return state.generations.removeFirst()
        }
    }

    private func discard(_ generation: Generation, reason: String, keepsSegment: Bool = false) throws {
        account(-generation.memoryBytes)
        if !keepsSegment {
            // The segment being written is never cut: its end comes first.
            if try log.segments().last == generation.segment { _ = try log.cut() }
            try log.truncate(before: generation.segment + 1)
        }
        logger.notice(
            "dropped the oldest log lines",
            metadata: [
                "tenant": "\(tenant)", "reason": "\(reason)", "segment": "\(generation.segment)",
                "bytes": "\(generation.rawBytes)", "streams": "\(generation.parts.count)",
            ])
        state.withLock { $0.forgetStreams() }
        try dropIndexes()
    }

    // MARK: Replay

    private func replay() throws {
        let segments = try log.segments()
        guard let newest = segments.last else { return }
        logger.info(
            "replaying the record log",
            metadata: ["tenant": "\(tenant)", "segments": "\(segments.count)", "directory": "\(log.directory)"])
        var segment = -1
        var written: Int64 = 0
        let report = try log.replay { record, position in
            if position.segment != segment {
                segment = position.segment
                written = try fileSystem.status(log.path(ofSegment: segment)).modifiedNanoseconds / 1_000_000_000
                logger.info(
                    "replaying a segment",
                    metadata: ["tenant": "\(tenant)", "segment": "\(segment)", "last": "\(newest)"])
            }
            try makeRoom(for: record.count, replayed: position.segment)
            _ = try apply(record, segment: segment, now: written)
        }
        for damage in report.damage {
            logger.warning("the record log was damaged", metadata: ["tenant": "\(tenant)", "damage": "\(damage)"])
        }
        // New records go to a new segment; what was replayed does not grow any more.
        _ = try state.withLock { (state: inout State) throws in try generation(newest + 1, now: clock(), &state) }
        logger.info(
            "replayed the record log",
            metadata: [
                "tenant": "\(tenant)", "segments": "\(report.segments)", "records": "\(report.records)",
                "bytes": "\(report.bytes)",
            ])
        try flushIndex()
        try dropIndexes()
    }

    /// Refuses further writes, and syncs and closes the log and the index.
    func close() throws {
        state.withLock { $0.isClosed = true }
        // The log comes first: the index can be made again from it.
        try log.close()
        try flushIndex()
    }
}

extension Int64 {
    /// The day since the Unix epoch of a time in nanoseconds.
    var flooredDay: Int64 {
        let day = self / TenantLogs.nanosecondsPerDay
        return self % TenantLogs.nanosecondsPerDay < 0 ? day - 1 : day
    }
}
