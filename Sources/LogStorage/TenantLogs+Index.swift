import Durable
import Logging
import MartletCore

/// A tenant's index files: `index/<day>.bolt`, the day counted from the Unix epoch.
extension TenantLogs {
    private static let suffix = ".bolt"

    private var indexDirectory: String { FilePath.join(directory, "index") }

    private func indexPath(_ day: Int64) -> String { FilePath.join(indexDirectory, "\(day)\(Self.suffix)") }

    /// Opens the files that are there. A damaged one is put aside; what is in the log comes back from there.
    func openIndexes() throws {
        for name in try fileSystem.list(indexDirectory) {
            guard name.hasSuffix(Self.suffix), let day = Int64(name.dropLast(Self.suffix.count)) else { continue }
            let path = FilePath.join(indexDirectory, name)
            do {
                let index = try LogIndex(path, fileSystem: fileSystem)
                let entries = try index.allStreams()
                indexes.withLock { $0[day] = index }
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

    /// Writes new streams to the index, one transaction for each day.
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

    /// The index of a day, made when missing.
    private func index(of day: Int64) throws -> LogIndex {
        try indexes.withLock { (indexes: inout [Int64: LogIndex]) throws -> LogIndex in
            if let index = indexes[day] { return index }
            let index = try LogIndex(indexPath(day), fileSystem: fileSystem)
            indexes[day] = index
            return index
        }
    }

    /// Removes the index files of days before the oldest line.
    func dropIndexes() throws {
        let oldest = state.withLock { state -> Int64 in
            let oldest = state.generations.compactMap(\.timeRange?.lowerBound).min()?.flooredDay ?? .max
            state.indexed = state.indexed.filter { $0.key >= oldest }
            state.unindexed = state.unindexed.filter { $0.key >= oldest }
            return oldest
        }
        let days = indexes.withLock { indexes -> [Int64] in
            let days = indexes.keys.filter { $0 < oldest }
            for day in days { indexes[day] = nil }
            return days
        }
        for day in days { try fileSystem.unlink(indexPath(day)) }
        if !days.isEmpty { try fileSystem.syncDirectory(indexDirectory) }
    }
}
