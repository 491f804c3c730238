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

        /// The place of a segment's generation that is in memory.
        func place(of segment: Int) -> Int? {
            generations.lastIndex { $0.segment == segment && $0.file == nil }
        }

        /// The segment of the oldest generation in memory when that is settled: the segment has ended, and no append under way
        /// may still add to it. Records that cannot be read stay where they are, and so does all that comes after them.
        var settled: Int? {
            guard let place = generations.firstIndex(where: { $0.file == nil }), generations[place].unreadable == 0
            else {
                return nil
            }
            let segment = generations[place].segment
            return segment < newestSegment && appends.oldest ?? .max > segment ? segment : nil
        }

        /// Forgets streams without lines that every index has: what memory holds is bounded by what it holds lines of.
        mutating func forgetStreams() {
            var isUsed = [Bool](repeating: false, count: registry.streams.count)
            for generation in generations {
                for part in generation.parts { isUsed[part.stream] = true }
                for stream in generation.fileStreams { isUsed[Int(stream)] = true }
            }
            for streams in unindexed.values { for stream in streams { isUsed[stream] = true } }
            let forgotten = registry.forget { !isUsed[$0] }
            for day in indexed.keys { for stream in forgotten { indexed[day]?.remove(stream) } }
        }

        /// Lets go what a push was admitted to.
        mutating func release(_ streams: some Sequence<Labels>) {
            for labels in streams {
                let left = (admitted[labels] ?? 1) - 1
                admitted[labels] = left > 0 ? left : nil
            }
        }
    }

    /// What is held for a record until it is applied.
    struct Held {
        /// Bytes of memory.
        var room = 0
        /// Streams that the push was admitted to and that are not there yet.
        var admitted: Set<Labels> = []
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
    let state = FairLock(State())
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

    /// Logs a record, then applies it. When this returns the lines are acknowledged under the log's sync policy. Each of
    /// the push' own streams in `admitted` is let go in the moment in which it is there.
    func append(_ record: LogRecord, admitted: inout Set<Labels>) throws {
        guard let full = try add(record, admitted: &admitted) else { return }
        // Whoever pushes faster than blocks are made is slowed down by it; others are not.
        if state.withLock({ $0.newestSegment == full }) { try endGeneration() }
    }

    /// Gives the record's segment when with this record its generation has become large enough to end.
    private func add(_ record: LogRecord, admitted: inout Set<Labels>) throws -> Int? {
        guard record.size <= LogRecord.maxBytes else {
            throw LogStorageError.recordTooLarge(bytes: record.size, limit: LogRecord.maxBytes)
        }
        try memory.reserve(record.memoryBytes)
        var held = Held(room: record.memoryBytes, admitted: admitted)
        defer {
            memory.release(held.room)
            admitted = held.admitted
        }
        let floor = try state.withLock { (state: inout State) throws -> Int in
            guard !state.isClosed else { throw LogStorageError.closed }
            state.appends.begin(at: state.newestSegment)
            return state.newestSegment
        }
        defer { state.withLock { $0.appends.end(at: floor) } }
        let position = try log.append(RecordBatch(record.bytes, isPacked: record.isPacked))
        let isFull = try apply(record, segment: position.segment, now: clock(), &held)
        return isFull ? position.segment : nil
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

    /// Adds a record's entries to its generation, some at a time, so that others need not wait for all of them; whether with
    /// them the generation has become large enough to end. What is held for them is let go in the same steps.
    func apply(_ record: LogRecord, segment: Int, now: Int64, _ held: inout Held) throws -> Bool {
        var (isFull, left) = (false, held)
        held = Held()
        defer { held = left }
        var pieces = RecordPieces { entries in
            var next = 0
            repeat {
                if try self.apply(entries, from: &next, segment: segment, now: now, &left) { isFull = true }
            } while next < entries.count
        }
        try record.visit(&pieces)
        return isFull
    }

    private func apply(
        _ entries: RecordPieces.Entries, from next: inout Int, segment: Int, now: Int64, _ held: inout Held
    ) throws -> Bool {
        try state.withLock { (state: inout State) throws -> Bool in
            guard !state.isClosed else { throw LogStorageError.closed }
            let place = generation(segment, now: now, &state)
            let before = state.generations[place].rawBytes
            state.generations[place].lastAppend = max(state.generations[place].lastAppend, now)
            state.newestSegment = max(state.newestSegment, segment)
            state.hasGrown = true
            var applier = RecordApplier(
                state: state, generation: place, blockBytes: options.blockBytes, indexedDays: indexedDays,
                admitted: held.admitted)
            // The state moves into the applier and back, so that its arrays are changed in place.
            state = State()
            held.admitted = []
            defer {
                applier.putBack()
                state = applier.state
                held.admitted = applier.admitted
                account(applier.charged)
                let used = min(held.room, max(0, applier.charged))
                memory.release(used)
                held.room -= used
            }
            try applier.apply(entries, from: &next)
            // With little memory generations are small, so that most of it can be freed at a time.
            let limit = min(options.generationBytes, max(1 << 20, memory.budget.limit / 4))
            // One push ends it. Where that fails, another does when as much has come again.
            return applier.state.generations[place].rawBytes / limit > before / limit
        }
    }

    /// The place of a segment's generation, made when missing.
    func generation(_ segment: Int, now: Int64, _ state: inout State) -> Int {
        if let place = state.place(of: segment) { return place }
        let place = state.generations.firstIndex { $0.segment > segment } ?? state.generations.count
        state.generations.insert(Generation(segment: segment, now: now), at: place)
        return place
    }

    /// Ends the segment that is being written, and seals the heads of its generation. Gives the number of the next.
    @discardableResult
    func endGeneration() throws -> Int {
        let next = try log.cut()
        state.withLock { $0.newestSegment = max($0.newestSegment, next) }
        try sealHeads(before: next)
        return next
    }

    /// Asks the state about many things, some in each hold of it. Only with `upkeep` held are numbers of streams the same all
    /// the while.
    func inTurns<Thing, Answer>(_ things: [Thing], _ body: (Thing, inout State) throws -> Answer) rethrows -> [Answer] {
        var answers: [Answer] = []
        answers.reserveCapacity(things.count)
        for start in stride(from: 0, to: things.count, by: Self.thingsInTurn) {
            try state.withLock { state in
                for thing in things[start..<min(things.count, start + Self.thingsInTurn)] {
                    answers.append(try body(thing, &state))
                }
            }
        }
        return answers
    }

    private static let thingsInTurn = 8192

    /// Streams by their numbers. Only with `upkeep` held.
    func streams(_ numbers: [Int]) -> [StreamRegistry.Stream] { inTurns(numbers) { $1.registry.streams[$0] } }

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
