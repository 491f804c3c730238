import Durable
import Logging
import MartletCore

/// A tenant's index files: `index/<day>.bolt`, the day counted from the Unix epoch.
extension TenantLogs {
    private static let suffix = ".bolt"
    /// Days before and after today that have an index; what lies further off is found without, and its stream gets the same
    /// id from its labels. So no push can have a file made for every day of three centuries.
    private static let indexedDayCount: Int64 = 400
    /// Index files that stay open.
    private static let maxOpen = 2

    /// Days that have an index.
    var indexedDays: ClosedRange<Int64> {
        let today = clock() / 86_400
        return (today - Self.indexedDayCount)...(today + Self.indexedDayCount)
    }

    var indexDirectory: String { FilePath.join(directory, "index") }

    private func indexPath(_ day: Int64) -> String { FilePath.join(indexDirectory, "\(day)\(Self.suffix)") }

    /// Opens the files that are there. A damaged one is put aside; what is in the log comes back from there.
    func openIndexes() throws {
        for day in try indexDays() {
            let path = indexPath(day)
            do {
                let entries = try LogIndex(path, fileSystem: fileSystem).allStreams()
                try state.withLock { (state: inout State) throws in
                    for entry in entries {
                        state.registry.restore(entry)
                        let stream = try entry.labels.bytes.withUnsafeBytes { try state.registry.number(of: $0) }
                        state.indexed[day, default: []].insert(stream)
                    }
                }
            } catch {
                logger.warning(
                    "a log index is damaged; it is put aside and rebuilt from the record log",
                    metadata: ["tenant": "\(tenant)", "error": "\(error)"])
                try fileSystem.rename(path, to: path + ".damaged")
                try fileSystem.syncDirectory(indexDirectory)
            }
        }
    }

    private func indexDays() throws -> [Int64] {
        try fileSystem.list(indexDirectory).compactMap { name in
            name.hasSuffix(Self.suffix) ? Int64(name.dropLast(Self.suffix.count)) : nil
        }
    }

    /// Writes new streams to the index, one transaction for each day. Only with `upkeep` held.
    func flushIndex() throws {
        let pending = state.withLock { state -> [Int64: [LogIndex.Entry]] in
            defer { state.unindexed = [:] }
            return state.unindexed.mapValues { streams in
                streams.map { number in
                    let stream = state.registry.streams[number]
                    return LogIndex.Entry(id: stream.id, labels: stream.labels)
                }
            }
        }
        for (day, entries) in pending.sorted(by: { $0.key < $1.key }) {
            do {
                try index(of: day).add(entries)
            } catch {
                // Kept for the next flush.
                state.withLock { state in
                    for (day, entries) in pending {
                        for entry in entries {
                            guard
                                let stream = try? entry.labels.bytes.withUnsafeBytes({
                                    try state.registry.number(of: $0)
                                })
                            else { continue }
                            state.unindexed[day, default: []].append(stream)
                        }
                    }
                }
                throw error
            }
        }
    }

    /// The index of a day, made when missing. Of the open ones the latest days stay open.
    private func index(of day: Int64) throws -> LogIndex {
        if let index = indexes.withLock({ $0[day] }) { return index }
        let index = try LogIndex(indexPath(day), fileSystem: fileSystem)
        indexes.withLock { indexes in
            indexes[day] = index
            if indexes.count > Self.maxOpen, let oldest = indexes.keys.min() { indexes[oldest] = nil }
        }
        return index
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
        indexes.withLock { for day in days { $0[day] = nil } }
        for day in days { try fileSystem.unlink(indexPath(day)) }
        if !days.isEmpty { try fileSystem.syncDirectory(indexDirectory) }
    }
}
