import Durable
import Logging
import MartletCore
import TraceQL

/// Parts that lie elsewhere. What their footers say is kept in memory, up to a limit, so that the next query need not read
/// them again.
final class TraceHistory: Sendable {
    /// A part with its writer's name.
    struct Part: Sendable {
        let file: PartFile
        let source: HistoryFile

        var writer: String { source.writer }
        var key: String { source.key }
    }

    private struct Entry {
        let part: Part
        var memory: Int
        var lastUse: Int
        /// Numbers of the traces that newer parts say to share with this one, and the serial numbers of those that were asked.
        var shared: Set<UInt32> = []
        var asked: Set<UInt64> = []
        /// Sums of sets of serial numbers, as `sum` makes them, all of which were asked: what most queries need is known as one.
        var askedSets: Set<UInt64> = []
    }

    /// Newer parts that have something to say to the parts of one writer, and the sum of their serial numbers, each mixed up: the
    /// sums of two different sets are as good as never the same.
    private struct Talkers {
        var files: [PartFile] = []
        var sum: UInt64 = 0

        mutating func add(_ file: PartFile) {
            files.append(file)
            var mixed = SplitMix64(seed: file.serial)
            sum &+= mixed.next()
        }
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var uses = 0
        var memory = 0
    }

    /// The footer of most parts lies within so many bytes from the end.
    private static let endBytes = 128 << 10

    let reader: FragmentReader
    private let source: any SealedHistory
    private let budget: MemoryBudget
    private let limit: Int
    private let pages = RemotePages(limit: 8 << 20)
    private let state = Lock(State())

    /// - Parameters:
    ///   - cache: for what queries decode.
    ///   - budget: the process' memory, of which footers take a sixteenth at most.
    init(
        _ source: any SealedHistory, cache: ColumnCache, limits: AttributeLimits, budget: MemoryBudget, logger: Logger
    ) {
        self.source = source
        self.budget = budget
        limit = max(1 << 20, budget.limit / 16)
        reader = FragmentReader(cache: cache, limits: limits, failures: GroupFailures(logger: logger))
    }

    deinit {
        state.withLock { budget.release($0.memory) }
    }

    /// A tenant's parts with spans in a range, but for what is held here, oldest first.
    func parts(_ tenant: String, _ range: TimeRange, beside held: [SealedSpan]) throws(TraceStoreError) -> [Part] {
        do {
            let times = Int64(clamping: range.start)...Int64(clamping: range.end)
            let files = try source.files(of: tenant, overlapping: times, beside: held)
            try source.prepareEnds(
                of: files.filter { file in state.withLock { $0.entries[file.key] == nil } }, bytes: Self.endBytes)
            return try files.map { try open($0) }
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// Has the filters of ids at hand, which a lookup of an id asks of all parts.
    func prepareFilters(of parts: [Part]) throws(TraceStoreError) {
        do throws(DurableError) {
            try source.prepare(
                parts.map { part in
                    let page = part.file.footer.filter
                    let start = min(Int64(clamping: page.offset), part.source.size)
                    return (part.source, start..<start + Int64(page.packed))
                })
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func open(_ file: HistoryFile) throws -> Part {
        let known = state.withLock { state in
            state.uses += 1
            state.entries[file.key]?.lastUse = state.uses
            return state.entries[file.key]?.part
        }
        if let known { return known }
        let opened = try PartFile(file.file, size: Int(clamping: file.size), pages: pages)
        let part = Part(file: opened, source: file)
        let memory = 1024 + opened.footer.groups.count * 256 + opened.footer.shared.count * 4
        let gone = state.withLock { state -> [PartFile] in
            guard state.entries[file.key] == nil else { return [] }
            state.entries[file.key] = Entry(part: part, memory: memory, lastUse: state.uses)
            charge(memory, &state)
            return makeRoom(&state, keeping: file.key)
        }
        for file in gone { reader.cache.forget(file) }
        return part
    }

    private func charge(_ memory: Int, _ state: inout State) {
        state.memory += memory
        budget.charge(memory)
    }

    private func makeRoom(_ state: inout State, keeping key: String) -> [PartFile] {
        guard state.memory > limit else { return [] }
        var gone: [PartFile] = []
        for (name, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where name != key {
            // Some more than must go: the next ones need not sort again.
            if state.memory <= limit - limit / 8 { break }
            state.entries[name] = nil
            state.memory -= entry.memory
            budget.release(entry.memory)
            gone.append(entry.part.file)
        }
        return gone
    }

    // MARK: Traces in several parts

    /// The parts as a snapshot has them: each knows which of its traces newer parts of its writer have, too.
    ///
    /// - Parameters:
    ///   - parts: oldest first.
    ///   - local: parts of this process' disk, whose older ones may be among `parts`.
    func stored(_ parts: [Part], beside local: [StoredPart]) throws(TraceStoreError) -> [StoredPart] {
        var here = Talkers()
        for part in local where !part.file.footer.shared.isEmpty { here.add(part.file) }
        var newer: [String: Talkers] = [:]
        var stored = parts.map { StoredPart($0.file) }
        do throws(PartDamage) {
            for place in parts.indices.reversed() {
                let part = parts[place]
                stored[place].shared.formUnion(try shared(of: part, with: newer[part.writer, default: here]))
                if !part.file.footer.shared.isEmpty { newer[part.writer, default: here].add(part.file) }
            }
        } catch {
            throw .unreachable("\(error)")
        }
        return stored
    }

    /// What talkers have said to a part; those that were not asked yet are.
    private func shared(of part: Part, with talkers: Talkers) throws(PartDamage) -> Set<UInt32> {
        let (known, asked) = state.withLock { state -> (Set<UInt32>?, Set<UInt64>) in
            guard let entry = state.entries[part.key] else { return (nil, []) }
            return (entry.askedSets.contains(talkers.sum) ? entry.shared : nil, entry.asked)
        }
        if let known { return known }
        let unasked = talkers.files.filter { !asked.contains($0.serial) }
        var found: Set<UInt32> = []
        for newer in unasked { found.formUnion(try shared(of: part.file, with: newer)) }
        return state.withLock { [found] in note(found, unasked.map(\.serial), talkers.sum, of: part, &$0) }
    }

    /// Sets that are remembered of a part: more than queries of different ranges need.
    private static let setLimit = 64

    /// Keeps what newer parts have said, and gives all that is known.
    private func note(
        _ found: Set<UInt32>, _ asked: [UInt64], _ sum: UInt64, of part: Part, _ state: inout State
    ) -> Set<UInt32> {
        guard var entry = state.entries[part.key] else { return found }
        // Moved out, so that its sets are not copied.
        state.entries[part.key] = nil
        let before = entry.memory
        if entry.askedSets.count >= Self.setLimit {
            entry.memory -= entry.askedSets.count * 32
            entry.askedSets = []
        }
        entry.askedSets.insert(sum)
        entry.shared.formUnion(found)
        entry.asked.formUnion(asked)
        entry.memory += (1 + found.count + asked.count) * 32
        if entry.memory > before {
            charge(entry.memory - before, &state)
        } else {
            state.memory -= before - entry.memory
            budget.release(before - entry.memory)
        }
        state.entries[part.key] = entry
        return entry.shared
    }

    /// Numbers of a part's traces that a newer one says to share.
    private func shared(of part: PartFile, with newer: PartFile) throws(PartDamage) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for number in newer.footer.shared {
            do throws(PartDamage) {
                let id = try newer.id(ofTrace: Int(number))
                if let own = try part.trace(high: id.high, low: id.low) { found.insert(UInt32(own)) }
            } catch {
                // What is damaged is reported when a query reads it.
                if error.isUnreachable { throw error }
            }
        }
        return found
    }
}
