import MartletCore

/// The table of symbols of a remote write 2.0 request while it is written: every text once, as field 4 of the message. The
/// first is empty.
struct SymbolWriter {
    private struct Entry {
        var hash: UInt64
        /// Of the text, in the message.
        var start: Int
        var count: Int
    }

    private var writer = ProtoWriter(capacity: 1024)
    private var entries: [Entry] = []
    /// Open addressing: one more than the index into `entries`, 0 where a slot is free. A power of two.
    private var slots: [UInt32] = []

    /// A table with the empty text.
    init() {
        _ = reference("")
    }

    /// The fields written so far.
    var bytes: [UInt8] { writer.bytes }

    /// The number of a text, which is added when it is new.
    mutating func reference(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { reference(UnsafeRawBufferPointer($0)) }
    }

    /// The number of a text, which is added when it is new.
    mutating func reference(_ text: UnsafeRawBufferPointer) -> UInt64 {
        if entries.count * 2 >= slots.count { grow() }
        let hash = Hash64.hash(text)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if entries[index].hash == hash, isEqual(entries[index], text) { return UInt64(index) }
            slot = (slot + 1) & (slots.count - 1)
        }
        writer.bytes(4, text)
        entries.append(Entry(hash: hash, start: writer.bytes.count - text.count, count: text.count))
        slots[slot] = UInt32(entries.count)
        return UInt64(entries.count - 1)
    }

    private func isEqual(_ entry: Entry, _ text: UnsafeRawBufferPointer) -> Bool {
        guard entry.count == text.count else { return false }
        return writer.bytes.withUnsafeBytes {
            Bytes.equal(UnsafeRawBufferPointer(rebasing: $0[entry.start..<entry.start + entry.count]), text)
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: max(64, slots.count * 2))
        for (index, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }
}
