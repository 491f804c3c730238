package import Durable
import MartletCore

/// A small map kept on disk: every change is a record, and now and then the log is rewritten with what still holds.
///
/// Each process' records begin with a header of magic and version; Durable's framing gives every record its checksum.
/// Records: 0 header (magic), 1 entry (uvarint key length, key, value), 2 removal (key). Of equal keys the last counts.
package final class StateLog: Sendable {
    private struct State {
        var live: [[UInt8]: [UInt8]] = [:]
        var appended = 0
        var hasHeader = false
    }

    private let log: RecordLog
    private let magic: [UInt8]
    private let state: Lock<State>

    /// Opens the log in `directory` and reads it. `magic` names the kind and version of the entries; a log that begins
    /// with another one is `.corrupt`. Blocks.
    package init(
        _ directory: String, magic: String, sync: SyncPolicy, on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        var options = RecordLog.Options()
        options.segmentBytes = 4 << 20
        options.sync = sync
        log = try RecordLog(directory, options: options, on: fileSystem)
        let magic = Array(magic.utf8)
        self.magic = magic
        var live: [[UInt8]: [UInt8]] = [:]
        var records = 0
        do {
            _ = try log.replay { record, position in
                records += 1
                try StateLog.apply(record, magic, &live, isFirst: records == 1, position: position, directory)
            }
        } catch let error as DurableError {
            throw error
        } catch {
            throw DurableError(.corrupt, path: directory, operation: "replay", message: "\(error)")
        }
        var begun = State()
        begun.live = live
        begun.appended = records
        state = Lock(begun)
        if records > live.count + 1 { try compact() }
    }

    /// What holds now.
    package var entries: [[UInt8]: [UInt8]] { state.withLock { $0.live } }

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
        try state.withLock { (state: inout State) throws(DurableError) in
            let segment = try log.cut()
            var batch = RecordBatch()
            batch.add([0] + magic)
            for (key, value) in state.live { batch.add(StateLog.record(key, value)) }
            try log.append(batch)
            // What is removed must not be needed: the new records are on the disk first.
            try log.sync()
            try log.truncate(before: segment)
            state.hasHeader = true
            state.appended = state.live.count
        }
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

    private static func apply(
        _ record: UnsafeRawBufferPointer, _ magic: [UInt8], _ live: inout [[UInt8]: [UInt8]], isFirst: Bool,
        position: RecordPosition, _ directory: String
    ) throws(DurableError) {
        func corrupt(_ what: String) -> DurableError {
            DurableError(.corrupt, path: directory, operation: "replay", message: "\(what) at \(position)")
        }
        guard let kind = record.first else { throw corrupt("an empty record") }
        let body = UnsafeRawBufferPointer(rebasing: record.dropFirst())
        if isFirst, kind != 0 { throw corrupt("no header") }
        switch kind {
        case 0:
            guard body.elementsEqual(magic) else {
                throw corrupt("a header that is not \(String(decoding: magic, as: UTF8.self))")
            }
        case 1:
            var cursor = ByteCursor(body)
            guard let key = try? cursor.uvarintBytes() else { throw corrupt("an entry cut short") }
            live[Array(key)] = Array(cursor.rest)
        case 2: live[Array(body)] = nil
        default: throw corrupt("a record of unknown kind \(kind)")
        }
    }
}
