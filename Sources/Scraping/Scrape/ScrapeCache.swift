import Glibc
import MartletCore
import MetricStorage

/// Remembers the series of a target by the raw text in front of their values, so that a line seen before costs one
/// lookup and no label parsing.
///
/// Open addressing over (hash, entry); the raw text lies in one slab and is compared there.
struct ScrapeCache {
    struct Entry {
        var hash: UInt64
        var rawStart: Int
        var rawCount: Int
        var ref: SeriesRef
        /// Number of the scrape that saw it last.
        var seen: UInt32
        /// Whether the last sample had a timestamp of its own: such series get no stale markers.
        var hasOwnTime = false
        /// Relabelling drops it.
        var isDropped = false
    }

    private(set) var entries: [Entry] = []
    private var slab: [UInt8] = []
    /// Entry number + 1; 0 is a free slot.
    private var slots = [UInt32](repeating: 0, count: 256)

    /// The entry of a raw text, made when it is new.
    mutating func find(_ raw: UnsafeRawBufferPointer) -> (index: Int, isNew: Bool) {
        let hash = Hash64.hash(raw)
        let slot = self.slot(of: raw, hash)
        if slots[slot] != 0 { return (Int(slots[slot] - 1), false) }
        let index = entries.count
        entries.append(Entry(hash: hash, rawStart: slab.count, rawCount: raw.count, ref: .none, seen: 0))
        slab.append(contentsOf: raw)
        slots[slot] = UInt32(index + 1)
        if entries.count * 4 > slots.count * 3 { rebuildSlots(slots.count * 2) }
        return (index, true)
    }

    /// The entry of a raw text; nil when it is new, and stays so.
    func entry(of raw: UnsafeRawBufferPointer) -> Entry? {
        let slot = self.slot(of: raw, Hash64.hash(raw))
        return slots[slot] == 0 ? nil : entries[Int(slots[slot] - 1)]
    }

    mutating func update(_ index: Int, _ change: (inout Entry) -> Void) { change(&entries[index]) }

    /// Forgets everything.
    mutating func removeAll() { self = ScrapeCache() }

    /// Forgets entries that were not seen since a scrape, when they are a good part.
    mutating func compact(keepingSeenSince scrape: UInt32) {
        let stale = entries.count { $0.seen < scrape }
        guard stale > 100, stale * 2 > entries.count else { return }
        var fresh = ScrapeCache()
        for entry in entries where entry.seen >= scrape {
            slab.withUnsafeBytes { bytes in
                let raw = UnsafeRawBufferPointer(rebasing: bytes[entry.rawStart..<entry.rawStart + entry.rawCount])
                let (index, _) = fresh.find(raw)
                fresh.entries[index].ref = entry.ref
                fresh.entries[index].seen = entry.seen
                fresh.entries[index].hasOwnTime = entry.hasOwnTime
                fresh.entries[index].isDropped = entry.isDropped
            }
        }
        self = fresh
    }

    /// The slot of a raw text, or the free one that it would get.
    @inline(__always)
    private func slot(of raw: UnsafeRawBufferPointer, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot] - 1)
            if entries[index].hash == hash, equals(index, raw) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func equals(_ index: Int, _ raw: UnsafeRawBufferPointer) -> Bool {
        let entry = entries[index]
        guard entry.rawCount == raw.count else { return false }
        return slab.withUnsafeBytes {
            Bytes.equal(UnsafeRawBufferPointer(rebasing: $0[entry.rawStart..<entry.rawStart + entry.rawCount]), raw)
        }
    }

    private mutating func rebuildSlots(_ size: Int) {
        slots = [UInt32](repeating: 0, count: size)
        let mask = size - 1
        for (index, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index + 1)
        }
    }
}
