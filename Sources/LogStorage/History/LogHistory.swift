import Durable
import LogQL
import MartletCore

/// Segment files that lie elsewhere. What their directories say is kept in memory, up to a limit, so that the next query need
/// not read them again.
final class LogHistory: Sendable {
    private struct Entry {
        let file: SegmentFile
        let bytes: Int
        var lastUse: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var uses = 0
        var bytes = 0
    }

    /// The directory of most files lies within so many bytes from the end.
    private static let endBytes = 128 << 10
    /// Files whose directories are looked at between two checks of the query's time.
    private static let stride = 32

    private let source: any SealedHistory
    private let budget: MemoryBudget
    private let limit: Int
    private let state = Lock(State())

    /// - Parameter budget: the process' memory, of which directories take a sixteenth at most.
    init(_ source: any SealedHistory, budget: MemoryBudget) {
        self.source = source
        self.budget = budget
        limit = max(1 << 20, budget.limit / 16)
    }

    deinit {
        state.withLock { budget.release($0.bytes) }
    }

    /// Visits a tenant's files with lines in a range, but for what is held here: one at a time, since the directories of all of
    /// them may be more than memory holds. An error names the file that cannot be read.
    func forEachSegment(
        of tenant: String, _ range: ClosedRange<Int64>, beside held: [SealedSpan], _ context: LogQueryContext,
        _ visit: (SegmentFile) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        do {
            let files = try source.files(of: tenant, overlapping: range, beside: held)
            for start in Swift.stride(from: 0, to: files.count, by: Self.stride) {
                try context.check()
                let group = files[start..<min(files.count, start + Self.stride)]
                try source.prepareEnds(of: group.filter { !contains($0.key) }, bytes: Self.endBytes)
                for file in group { try visit(try open(file)) }
            }
        } catch let error as LogQueryError {
            throw error
        } catch {
            throw LogQueryError(.storage, "reading stored logs failed: \(error)")
        }
    }

    private func contains(_ key: String) -> Bool { state.withLock { $0.entries[key] != nil } }

    private func open(_ file: HistoryFile) throws -> SegmentFile {
        let known = state.withLock { state in
            state.uses += 1
            state.entries[file.key]?.lastUse = state.uses
            return state.entries[file.key]?.file
        }
        if let known { return known }
        do {
            let opened = try SegmentFile(file.file)
            keep(opened, file.key)
            return opened
        } catch let error as LogStorageError {
            throw LogQueryError(.storage, "reading stored logs failed: \(error) (\(file.file.path))")
        }
    }

    private func keep(_ file: SegmentFile, _ key: String) {
        let bytes = SegmentDirectory.bytes(file.directory.inMemory ?? [])
        state.withLock { state in
            guard state.entries[key] == nil else { return }
            state.entries[key] = Entry(file: file, bytes: bytes, lastUse: state.uses)
            state.bytes += bytes
            budget.charge(bytes)
            guard state.bytes > limit else { return }
            // Some more than must go: the next ones need not sort again.
            for (name, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where name != key {
                if state.bytes <= limit - limit / 8 { break }
                state.entries[name] = nil
                state.bytes -= entry.bytes
                budget.release(entry.bytes)
            }
        }
    }
}
