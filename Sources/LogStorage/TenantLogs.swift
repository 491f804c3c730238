import Durable
import LogQL
import Logging
import MartletCore
import Synchronization

/// One tenant's lines: its record log, what of it is in memory, and its index files.
///
/// A push is written to the record log, then applied to the generation of its log segment. A generation's heads are
/// sealed into compressed blocks as they fill. When it has ended, its blocks go into a segment file, and its segment of
/// the record log is cut; files of small blocks are merged. The oldest generation goes when it is past retention or when
/// the disk's share is used up.
final class TenantLogs: Sendable {
    struct State {
        var registry = StreamRegistry()
        /// Bytes of `registry` that are accounted for.
        var accountedRegistry = 0
        /// By segment, ascending.
        var generations: [Generation] = []
        /// The newest segment known: what is appended from now on goes there or behind.
        var newestSegment = 0
        var appends = AppendsInFlight()
        /// Streams that pushes under way may add, with the number of those pushes.
        var admitted: [Labels: Int] = [:]
        /// Streams that an index file has or will have, by day.
        var indexed: [Int64: Set<Int>] = [:]
        /// Streams that no index file has yet, by day.
        var unindexed: [Int64: [Int]] = [:]
        /// Whether the log on disk has grown since it was last measured.
        var hasGrown = true
        /// Files that could not be merged: a block of theirs is damaged.
        var unmergeable: Set<SegmentSpan> = []
        /// Files that were put aside as damaged. There may be sound copies elsewhere.
        var damaged: [SegmentSpan] = []
        /// Whether segments of generations that are gone may still be on disk.
        var hasOldSegments = false
        /// Whether the record log is being read.
        var isReplaying = false
        var isClosed = false

        /// Forgets streams without lines that every index has: what memory holds is bounded by what it holds lines of.
        mutating func forgetStreams() {
            var used: Set<Int> = []
            for generation in generations { used.formUnion(generation.streams) }
            for streams in unindexed.values { used.formUnion(streams) }
            let forgotten = registry.forget(except: used)
            guard !forgotten.isEmpty else { return }
            indexed = indexed.mapValues { $0.subtracting(forgotten) }
        }

        /// Lets go what a push was admitted to.
        mutating func release(_ streams: some Sequence<Labels>) {
            for labels in streams {
                let left = (admitted[labels] ?? 1) - 1
                admitted[labels] = left > 0 ? left : nil
            }
        }
    }

    /// A purge under way.
    struct Purge {
        let deletions: [LogDeletion]
        /// Lines that had come before it lie in segments of the record log before this one, or in files.
        let bound: Int
        /// Files without such lines.
        var looked: Set<SegmentSpan> = []
        /// Files of which a block cannot be read.
        var damaged: Set<SegmentSpan> = []
    }

    let tenant: String
    let directory: String
    let options: LogStorageOptions
    let log: RecordLog
    let state = Lock(State())
    let memory: LogMemory
    let logger: Logger
    let fileSystem: any FileSystem
    /// Segment files are read through it: of all tenants' only so many are open.
    let files: FilePool
    /// Gets the files of which nothing is to be kept.
    let gone: GoneFiles
    /// What directories of segment files may take.
    let directories: DirectoryMemory
    let indexes = Lock(OpenIndexes())
    let clock: @Sendable () -> Int64
    /// Held by whatever drops generations, removes files or writes the index: one at a time.
    let upkeep = Lock(())
    /// Held by whoever writes files anew, which `upkeep` need not wait for; taken before it.
    let rewriting = Lock(())
    let purging: Lock<Purge?> = Lock(nil)
    private let held = Atomic<Int>(0)

    /// Bytes of memory that the lines take.
    var heldBytes: Int { held.load(ordering: .relaxed) }

    /// Opens a tenant's directory, made when missing, and replays its log. `clock` gives Unix seconds.
    init(
        tenant: String, directory: String, options: LogStorageOptions, memory: LogMemory,
        fileSystem: any FileSystem, files: FilePool, directories: DirectoryMemory, gone: GoneFiles, logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) throws {
        self.tenant = tenant
        self.directory = directory
        self.options = options
        self.memory = memory
        self.fileSystem = fileSystem
        self.files = files
        self.directories = directories
        self.gone = gone
        self.logger = logger
        self.clock = clock
        var logOptions = RecordLog.Options()
        // One thread of the store syncs all tenants' logs.
        logOptions.sync = options.sync == .always ? .always : .manual
        logOptions.compression = options.compression
        try fileSystem.makeDirectories(FilePath.join(directory, "index"))
        logOptions.firstSegment = try Self.segmentFiles.cut(
            log: FilePath.join(directory, "wal"), behind: Self.segmentDirectory(of: directory), on: fileSystem)
        log = try RecordLog(FilePath.join(directory, "wal"), options: logOptions, on: fileSystem)
        memory.enrol(self)
        try openIndexes()
        try openSegments()
        try replay()
    }

    deinit {
        memory.account(-heldBytes)
    }

    // MARK: Writing

    /// Logs a record, then applies it. When this returns the lines are acknowledged under the log's sync policy. The
    /// push' own streams in `admitted` are let go in the moment in which they are there.
    func append(_ record: LogRecord, admitted: Set<Labels> = []) throws {
        guard record.size <= LogRecord.maxBytes else {
            throw LogStorageError.recordTooLarge(bytes: record.size, limit: LogRecord.maxBytes)
        }
        let room = record.memoryBytes
        try memory.reserve(room)
        defer { memory.release(room) }
        let floor = try state.withLock { (state: inout State) throws -> Int in
            guard !state.isClosed else { throw LogStorageError.closed }
            state.appends.begin(at: state.newestSegment)
            return state.newestSegment
        }
        defer { state.withLock { $0.appends.end(at: floor) } }
        let position = try log.append(RecordBatch(record.bytes, isPacked: record.isPacked))
        let isFull = try apply(record, segment: position.segment, now: clock(), admitted: admitted)
        if isFull { try endGeneration() }
    }

    /// Whether a push may write to this stream: it is known, or the tenant has fewer than `limit`, those counted that
    /// other pushes are about to add. What is admitted must be let go with `State.release`.
    func admit(_ labels: Labels, limit: Int) -> (isAdmitted: Bool, isNew: Bool) {
        state.withLock { state in
            if state.registry.contains(labels) { return (true, false) }
            guard state.admitted[labels] != nil || state.registry.count + state.admitted.count < limit else {
                return (false, false)
            }
            state.admitted[labels, default: 0] += 1
            return (true, true)
        }
    }

    /// Whether the record's generation has become large enough to end.
    func apply(_ record: LogRecord, segment: Int, now: Int64, admitted: Set<Labels> = []) throws -> Bool {
        try state.withLock { (state: inout State) throws -> Bool in
            guard !state.isClosed else { throw LogStorageError.closed }
            let place = try generation(segment, now: now, &state)
            state.generations[place].lastAppend = max(state.generations[place].lastAppend, now)
            state.newestSegment = max(state.newestSegment, segment)
            state.hasGrown = true
            state.release(admitted)
            var applier = RecordApplier(
                state: state, generation: place, blockBytes: options.blockBytes, indexedDays: indexedDays)
            // The state moves into the applier and back, so that its arrays are changed in place.
            state = State()
            defer {
                applier.putBack()
                state = applier.state
            }
            defer { account(applier.charged) }
            try record.visit(&applier)
            try applier.finishStream()
            // With little memory generations are small, so that most of it can be freed at a time.
            let limit = min(options.generationBytes, max(1 << 20, memory.budget.limit / 4))
            return applier.state.generations[place].rawBytes >= limit
        }
    }

    /// The place of a segment's generation. When it is new, the heads of those before it are sealed.
    func generation(_ segment: Int, now: Int64, _ state: inout State) throws -> Int {
        if let place = state.generations.lastIndex(where: { $0.segment == segment }) { return place }
        let place = state.generations.firstIndex { $0.segment > segment } ?? state.generations.count
        state.generations.insert(Generation(segment: segment, now: now), at: place)
        try seal(before: segment, &state)
        return place
    }

    /// Ends the segment that is being written, and seals the heads of its generation. Gives the number of the next.
    @discardableResult
    func endGeneration() throws -> Int {
        let next = try log.cut()
        try state.withLock { (state: inout State) throws in
            state.newestSegment = max(state.newestSegment, next)
            try seal(before: next, &state)
        }
        return next
    }

    func seal(before segment: Int, _ state: inout State) throws {
        for place in state.generations.indices where state.generations[place].segment < segment {
            let parts = state.generations[place].parts.indices
            for part in parts where !state.generations[place].parts[part].head.isEmpty {
                account(try state.generations[place].accounting(part) { try $0.seal(part, goesOn: false) })
            }
        }
    }

    func account(_ change: Int) {
        held.wrappingAdd(change, ordering: .relaxed)
        memory.account(change)
    }

    /// Accounts for what streams take apart from their lines.
    func accountRegistry(_ state: inout State) {
        account(state.registry.memoryBytes - state.accountedRegistry)
        state.accountedRegistry = state.registry.memoryBytes
    }

    // MARK: Life

    /// Whether nothing of the tenant is left, neither in memory nor on its way.
    var isVacant: Bool {
        state.withLock { state in
            state.generations.allSatisfy(\.isVacant) && state.appends.isEmpty && state.admitted.isEmpty
        }
    }

    /// Refuses further writes, and syncs and closes the log and the index. From then on nothing changes in the directory.
    func close() throws {
        state.withLock { $0.isClosed = true }
        // A merge that is under way comes to its end: the next sees that it must not begin.
        try rewriting.withLock { _ in
            // The log comes first: the index can be made again from it.
            try log.close()
            try upkeep.withLock { _ in
                try flushIndex()
                indexes.withLock { $0.letGo() }
            }
        }
    }

    /// Runs `body` with `upkeep` held; fails once the tenant was closed.
    func withUpkeep<R>(_ body: () throws -> R) throws -> R {
        try upkeep.withLock { _ in
            guard !state.withLock(\.isClosed) else { throw LogStorageError.closed }
            return try body()
        }
    }

    /// Closes a vacant tenant and removes its directory; what was put aside as damaged stays, and the directory with it.
    func remove() throws {
        state.withLock { $0.generations = [] }
        try close()
        try upkeep.withLock { _ in
            try dropIndexes()
            for segment in try log.segments() { try fileSystem.unlink(log.path(ofSegment: segment)) }
        }
        let inside = [log.directory, indexDirectory, segmentDirectory]
        for path in inside where try !fileSystem.list(path).isEmpty { return }
        for path in inside + [directory] { try fileSystem.removeDirectory(path) }
        try fileSystem.syncDirectory(FilePath.parent(of: directory))
    }
}
