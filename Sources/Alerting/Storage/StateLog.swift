package import Durable
package import Logging
import MartletCore

/// A small map kept on disk: every change is a record, and now and then the log is rewritten with what still holds.
///
/// Each process' records begin with a header of magic and version; Durable's framing gives every record its checksum.
/// Records: 0 header (magic), 1 entry (uvarint key length, key, value), 2 removal (key). Of equal keys the last counts.
///
/// Damage costs the records that it hit and no others, also when one of them is the header: what can be read is written
/// anew, with a header, before anything is repaired or removed. Without damage a log that has no header is refused, and
/// so is one with another header: it is not ours.
package final class StateLog: Sendable {
    private struct State {
        var live: [[UInt8]: [UInt8]] = [:]
        var appended = 0
        var hasHeader = false
    }

    private let log: RecordLog
    private let magic: [UInt8]
    private let state: Lock<State>

    /// Opens the log in `directory` and reads it; damage is repaired and logged. `magic` names the kind and version of the
    /// entries; a log with another one is `.corrupt`. Blocks.
    package init(
        _ directory: String, magic: String, sync: SyncPolicy, logger: Logger,
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        var options = RecordLog.Options()
        options.segmentBytes = 4 << 20
        options.sync = sync
        log = try RecordLog(directory, options: options, on: fileSystem)
        let magic = Array(magic.utf8)
        self.magic = magic
        state = Lock(State())
        let report = try replay(repair: false)
        if !report.damage.isEmpty {
            let segment = try rewrite()
            for damage in try replay(repair: true).damage {
                logger.warning("the alert state is damaged, a part of it is lost", metadata: ["damage": "\(damage)"])
            }
            try log.truncate(before: segment)
        } else if report.records > state.withLock({ $0.live.count }) + 1 {
            try compact()
        }
    }

    /// Reads the segments that were there at the start; with `repair` their damage is repaired, and what holds stays.
    private func replay(repair: Bool) throws(DurableError) -> ReplayReport {
        var live: [[UInt8]: [UInt8]] = [:]
        var hasHeader = false
        let report: ReplayReport
        do {
            report = try log.replay(repair: repair) { record, position in
                try apply(record, at: position, &live, &hasHeader)
            }
        } catch let error as DurableError {
            throw error
        } catch {
            throw DurableError(.corrupt, path: log.directory, operation: "replay", message: "\(error)")
        }
        if repair { return report }
        if !hasHeader, report.records > 0, report.damage.isEmpty {
            throw DurableError(.corrupt, path: log.directory, operation: "replay", message: "no header")
        }
        state.withLock { state in
            state.live = live
            state.appended = report.records
        }
        return report
    }

    /// What holds now.
    package var entries: [[UInt8]: [UInt8]] { state.withLock { $0.live } }

    /// How many entries hold now.
    package var count: Int { state.withLock { $0.live.count } }

    /// Sets or (with nil) removes entries. Returns once that survives the death of the process. Blocks.
    package func update(_ changes: [(key: [UInt8], value: [UInt8]?)]) throws(DurableError) {
        if changes.isEmpty { return }
        let needsCompaction = try state.withLock { (state: inout State) throws(DurableError) -> Bool in
            var batch = RecordBatch()
            if !state.hasHeader { batch.add([0] + magic) }
            for change in changes { batch.add(StateLog.record(change.key, change.value)) }
            try log.append(batch)
            state.hasHeader = true
            state.appended += changes.count
            for change in changes { state.live[change.key] = change.value }
            return state.appended > 1000 + 4 * state.live.count
        }
        if needsCompaction { try compact() }
    }

    /// Rewrites the log with what holds now and removes the rest. Blocks.
    package func compact() throws(DurableError) {
        // What is removed must not be needed: the new records are on the disk first.
        try log.truncate(before: try rewrite())
    }

    /// Begins a segment with all that holds now, synced, and returns its number.
    private func rewrite() throws(DurableError) -> Int {
        try state.withLock { (state: inout State) throws(DurableError) in
            let segment = try log.cut()
            try log.append(StateLog.everything(magic, state.live))
            try log.sync()
            state.hasHeader = true
            state.appended = state.live.count
            return segment
        }
    }

    /// Writes what holds now as a log of its own into the directory `target`, which is made. Blocks.
    package func copy(to target: String, on fileSystem: any FileSystem = DiskFileSystem()) throws(DurableError) {
        var options = log.options
        options.sync = .manual
        let copy = try RecordLog(target, options: options, on: fileSystem)
        try copy.append(StateLog.everything(magic, entries))
        try copy.close()
    }

    /// The records of a log that holds these entries, the same for the same entries.
    private static func everything(_ magic: [UInt8], _ entries: [[UInt8]: [UInt8]]) -> RecordBatch {
        var batch = RecordBatch()
        batch.add([0] + magic)
        for (key, value) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            batch.add(record(key, value))
        }
        return batch
    }

    /// Syncs and ends the log. Blocks.
    package func close() throws(DurableError) { try log.close() }

    private static func record(_ key: [UInt8], _ value: [UInt8]?) -> [UInt8] {
        guard let value else { return [2] + key }
        var writer = ByteWriter([1])
        key.withUnsafeBytes { writer.uvarintBytes($0) }
        writer.append(value)
        return writer.bytes
    }

    private func apply(
        _ record: UnsafeRawBufferPointer, at position: RecordPosition, _ live: inout [[UInt8]: [UInt8]],
        _ hasHeader: inout Bool
    ) throws(DurableError) {
        func corrupt(_ what: String) -> DurableError {
            DurableError(.corrupt, path: log.directory, operation: "replay", message: "\(what) at \(position)")
        }
        guard let kind = record.first else { throw corrupt("an empty record") }
        let body = UnsafeRawBufferPointer(rebasing: record.dropFirst())
        switch kind {
        case 0:
            guard body.elementsEqual(magic) else {
                throw corrupt("a header that is not \(String(decoding: magic, as: UTF8.self))")
            }
            hasHeader = true
        case 1:
            var cursor = ByteCursor(body)
            guard let key = try? cursor.uvarintBytes() else { throw corrupt("an entry cut short") }
            live[Array(key)] = Array(cursor.rest)
        case 2: live[Array(body)] = nil
        default: throw corrupt("a record of unknown kind \(kind)")
        }
    }
}
