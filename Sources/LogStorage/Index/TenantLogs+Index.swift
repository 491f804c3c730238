import Bolt
import Durable
import Logging
import MartletCore

/// A tenant's index files: `index/<day>.bolt`, the day counted from the Unix epoch.
extension TenantLogs {
    private static let suffix = ".bolt"
    /// Days before and after today that have an index; what lies further off is found without, and its stream gets the same
    /// id from its labels. So no push can have a file made for every day of three centuries.
    private static let indexedDayCount: Int64 = 400

    /// Days that have an index.
    var indexedDays: ClosedRange<Int64> {
        let today = clock() / 86_400
        return (today - Self.indexedDayCount)...(today + Self.indexedDayCount)
    }

    var indexDirectory: String { FilePath.join(directory, "index") }

    private func indexPath(_ day: Int64) -> String { FilePath.join(indexDirectory, "\(day)\(Self.suffix)") }

    /// Opens the files that are there. A damaged one is put aside; what is in segment files and in the record log comes back from
    /// there.
    func openIndexes() throws {
        for name in try fileSystem.list(indexDirectory) where name.hasSuffix(AtomicFile.temporarySuffix) {
            try fileSystem.unlink(FilePath.join(indexDirectory, name))
        }
        var upgraded = 0
        for day in try indexDays() {
            let path = indexPath(day)
            do {
                if try LogIndex.upgrade(path, on: fileSystem) { upgraded += 1 }
                let index = try LogIndex(path, fileSystem: fileSystem)
                _ = try index.segmentSpans()
                let entries = try index.allStreams()
                try state.withLock { (state: inout State) throws in
                    for entry in entries {
                        state.registry.restore(entry)
                        let stream = try entry.labels.bytes.withUnsafeBytes { try state.registry.number(of: $0) }
                        state.indexed[day, default: []].insert(stream)
                    }
                }
            } catch {
                logger.warning(
                    "a log index is damaged; it is put aside and rebuilt from the lines",
                    metadata: ["tenant": "\(tenant)", "error": "\(error)"])
                try putAside(path)
            }
        }
        if upgraded > 0 {
            logger.info(
                "log indexes of a former format were brought to this version's",
                metadata: ["tenant": "\(tenant)", "indexes": "\(upgraded)", "format": "\(LogIndex.formatNumber)"])
        }
    }

    private func indexDays() throws -> [Int64] {
        try fileSystem.list(indexDirectory).compactMap { name in
            name.hasSuffix(Self.suffix) ? Int64(name.dropLast(Self.suffix.count)) : nil
        }
    }

    // MARK: Writing

    /// Writes to the index what is new: streams that no index has yet, a segment file, and those that it takes the place of or
    /// that are gone. One transaction for each day. Only with `upkeep` held.
    func flushIndex(adding file: SegmentFile? = nil, removing gone: [SegmentFile] = []) throws {
        var changes: [Int64: IndexChange] = [:]
        if let file {
            for (day, streams) in try streamTimes(of: file) {
                changes[day, default: IndexChange()].added[file.span] = streams
            }
        }
        for file in gone {
            for day in indexedDays(of: file) where try fileSystem.exists(indexPath(day)) {
                changes[day, default: IndexChange()].removed.insert(file.span)
            }
        }
        try write(changes)
    }

    /// Writes changes and the streams that no index has yet.
    private func write(_ changes: [Int64: IndexChange]) throws {
        var changes = changes
        var pending = state.withLock { state in
            defer { state.unindexed = [:] }
            return state.unindexed
        }
        // Kept for the next flush where this one fails. Until then they are not forgotten, so that their numbers stay.
        defer {
            state.withLock { state in
                for (day, numbers) in pending { state.unindexed[day, default: []] += numbers }
            }
        }
        for (day, numbers) in pending { changes[day, default: IndexChange()].streams = entries(numbers) }
        for (day, change) in changes.sorted(by: { $0.key < $1.key }) {
            do {
                try apply(change, on: day)
            } catch let error as BoltError where error.isDamage {
                try putAside(day, error)
                var change = change
                change.streams = entries(on: day)
                try apply(change, on: day)
            }
            pending[day] = nil
        }
    }

    private func apply(_ change: IndexChange, on day: Int64) throws {
        do {
            let index = try indexes.withLock { indexes in
                try indexes.index(of: day) {
                    try LogIndex(indexPath(day), fileSystem: fileSystem, verified: true)
                }
            }
            try index?.apply(change)
        } catch {
            // A handle whose commit failed half way writes nothing any more: the next one reads what is on the disk.
            indexes.withLock { $0.forget(day) }
            throw error
        }
    }

    /// Takes a damaged index away. The one that comes in its place knows all streams of the day again; the files that were there before
    /// are added at the next start, and queries look into them.
    private func putAside(_ day: Int64, _ error: any Error) throws {
        logger.warning(
            "a log index is damaged; it is put aside and made anew",
            metadata: ["tenant": "\(tenant)", "day": "\(day)", "error": "\(error)"])
        try indexes.withLock { indexes in
            indexes.forget(day)
            indexes.unreadable.remove(day)
            try putAside(indexPath(day))
        }
    }

    private func putAside(_ path: String) throws {
        try fileSystem.rename(path, to: path + ".damaged")
        try fileSystem.syncDirectory(indexDirectory)
    }

    /// All streams of a day but for those that wait for the next flush.
    private func entries(on day: Int64) -> [LogIndex.Entry] {
        entries(state.withLock { ($0.indexed[day] ?? []).subtracting($0.unindexed[day] ?? []) }.sorted())
    }

    private func entries(_ numbers: [Int]) -> [LogIndex.Entry] {
        streams(numbers).map { LogIndex.Entry(id: $0.id, labels: $0.labels) }
    }

    /// The days with lines of a file that have an index.
    private func indexedDays(of file: SegmentFile) -> Range<Int64> {
        guard file.minTime <= file.maxTime else { return 0..<0 }
        let first = max(indexedDays.lowerBound, file.minTime.flooredDay)
        let last = min(indexedDays.upperBound, file.maxTime.flooredDay)
        return first..<max(first, last + 1)
    }

    /// When the streams of a file have lines, by day. Days without lines are among them: their index says that there are none.
    private func streamTimes(of file: SegmentFile) throws -> [Int64: [IndexChange.StreamTimes]] {
        var times: [Int64: [IndexChange.StreamTimes]] = [:]
        let days = indexedDays(of: file)
        for day in days { times[day] = [] }
        for part in try file.directory.parts() {
            let key = IndexChange.key(part.labels)
            var found: [Int64: (first: Int64, last: Int64)] = [:]
            for block in part.blocks where block.minTime <= block.maxTime {
                for day in days.clamped(to: block.minTime.flooredDay..<block.maxTime.flooredDay + 1) {
                    let (start, end) = day.timesOfDay
                    let (first, last) = (max(block.minTime, start), min(block.maxTime, end))
                    let known = found[day] ?? (first, last)
                    found[day] = (min(known.first, first), max(known.last, last))
                }
            }
            for (day, span) in found {
                times[day]?.append(
                    IndexChange.StreamTimes(
                        key: key, first: span.first.floored(by: Self.nanoseconds),
                        last: span.last.floored(by: Self.nanoseconds)))
            }
        }
        return times
    }

    private static let nanoseconds: Int64 = 1_000_000_000
    /// Rows that are gathered before they are written.
    private static let rowsAtOnce = 1 << 20

    /// Makes the index files say of segment files what is on disk: after a crash between a file and its transaction, after damage,
    /// or when they were written before indexes knew of segment files. Only with `upkeep` held, before anybody reads.
    func reconcileIndex() throws {
        try dropIndexes()
        var changes: [Int64: IndexChange] = [:]
        var known: [Int64: Set<SegmentSpan>] = [:]
        for day in try indexDays() {
            known[day] = try indexes.withLock { indexes in
                try indexes.index(of: day) {
                    try LogIndex(indexPath(day), fileSystem: fileSystem, verified: true)
                }
            }?.segmentSpans()
        }
        var rows = 0
        var there: [Int64: Set<SegmentSpan>] = [:]
        for file in state.withLock({ $0.generations.compactMap(\.file) }) {
            let days = indexedDays(of: file)
            for day in days { there[day, default: []].insert(file.span) }
            guard days.contains(where: { !(known[$0]?.contains(file.span) ?? false) }) else { continue }
            for (day, streams) in try streamTimes(of: file) {
                changes[day, default: IndexChange()].added[file.span] = streams
                rows += streams.count
            }
            if rows >= Self.rowsAtOnce {
                try write(changes)
                (changes, rows) = ([:], 0)
            }
        }
        for (day, spans) in known {
            let gone = spans.subtracting(there[day] ?? [])
            if !gone.isEmpty { changes[day, default: IndexChange()].removed = gone }
        }
        try write(changes)
    }

    /// Removes the index files of days before the oldest line. Only with `upkeep` held.
    func dropIndexes() throws {
        let oldest = state.withLock { state -> Int64 in
            let oldest = state.generations.compactMap(\.timeRange?.lowerBound).min()?.flooredDay ?? .max
            state.indexed = state.indexed.filter { $0.key >= oldest }
            state.unindexed = state.unindexed.filter { $0.key >= oldest }
            return oldest
        }
        let days = try indexDays().filter { $0 < oldest }
        // A query must not make one of them anew.
        try indexes.withLock { indexes in
            for day in days {
                indexes.forget(day)
                try fileSystem.unlink(indexPath(day))
            }
        }
        if !days.isEmpty { try fileSystem.syncDirectory(indexDirectory) }
    }

    // MARK: Reading

    /// Of segment files those that may have lines of streams in a range: directories that are in memory tell themselves, of the
    /// others the index does, as far as it knows them.
    func holders(
        of wanted: [StreamRegistry.Stream], _ range: ClosedRange<Int64>, among files: [FiledStreams]
    ) -> [FiledStreams] {
        let asked = files.filter { $0.file.directory.inMemory == nil }
        guard !asked.isEmpty else { return files }
        let keys = Set(wanted.map { IndexChange.key($0.labels) }).sorted()
        // Whether the index of each day says that a file has nothing.
        var excluded: [SegmentSpan: Bool] = [:]
        var spans: [Int64: [SegmentSpan]] = [:]
        for filed in asked {
            let file = filed.file
            let days = max(range.lowerBound, file.minTime).flooredDay...min(range.upperBound, file.maxTime).flooredDay
            guard indexedDays.contains(days.lowerBound), indexedDays.contains(days.upperBound) else { continue }
            excluded[file.span] = true
            for day in days { spans[day, default: []].append(file.span) }
        }
        for (day, spans) in spans {
            let (start, end) = day.timesOfDay
            let seconds =
                max(start, range.lowerBound).floored(
                    by: Self.nanoseconds)...min(end, range.upperBound).floored(
                    by: Self.nanoseconds)
            let known = known(on: day) { try $0.holders(of: keys, in: seconds, among: spans) }
            for span in spans where known[span] ?? true { excluded[span] = false }
        }
        return files.filter { $0.file.directory.inMemory != nil || !(excluded[$0.file.span] ?? false) }
    }

    /// What the index of a day says; nothing where there is none. One that cannot be read is not asked again: files are looked at
    /// without it.
    private func known(
        on day: Int64, _ body: (LogIndex) throws -> [SegmentSpan: Bool]
    ) -> [SegmentSpan: Bool] {
        do {
            let index = try indexes.withLock { indexes in
                indexes.unreadable.contains(day)
                    ? nil
                    : try indexes.index(of: day) {
                        try fileSystem.exists(indexPath(day))
                            ? LogIndex(indexPath(day), fileSystem: fileSystem, verified: true) : nil
                    }
            }
            return try index.map(body) ?? [:]
        } catch {
            indexes.withLock { _ = $0.unreadable.insert(day) }
            logger.warning(
                "a log index cannot be read; queries go on without it until the next start",
                metadata: ["tenant": "\(tenant)", "day": "\(day)", "error": "\(error)"])
            return [:]
        }
    }
}
