/// Trace id → the newest part that holds spans of it: open addressing over 128-bit ids. Older parts are reached from there.
struct TraceIndex {
    private struct Slot {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var ref = FragmentRef.none
    }

    private var slots: [Slot]
    private(set) var count = 0

    init() {
        slots = [Slot](repeating: Slot(), count: 256)
    }

    var memory: Int { slots.capacity * MemoryLayout<Slot>.stride }

    private static func hash(_ high: UInt64, _ low: UInt64) -> UInt64 {
        var hash = (high ^ (low << 32 | low >> 32)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= low ^ (hash >> 29)
        hash = hash &* 0xBF58_476D_1CE4_E5B9
        return hash ^ (hash >> 32)
    }

    private func place(_ high: UInt64, _ low: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(high, low)) & mask
        while !slots[slot].ref.isNone, slots[slot].high != high || slots[slot].low != low { slot = (slot + 1) & mask }
        return slot
    }

    func find(_ high: UInt64, _ low: UInt64) -> FragmentRef? {
        let ref = slots[place(high, low)].ref
        return ref.isNone ? nil : ref
    }

    mutating func set(_ high: UInt64, _ low: UInt64, _ ref: FragmentRef) {
        let slot = place(high, low)
        if slots[slot].ref.isNone { count += 1 }
        slots[slot] = Slot(high: high, low: low, ref: ref)
        if count * 4 > slots.count * 3 { resize(slots.count * 2) }
    }

    /// Removes the id if it still points to `ref`.
    mutating func remove(_ high: UInt64, _ low: UInt64, ifAt ref: FragmentRef) {
        var hole = place(high, low)
        guard slots[hole].ref == ref else { return }
        // Entries behind the hole move up, so that no search stops short of them.
        let mask = slots.count - 1
        var next = (hole + 1) & mask
        while !slots[next].ref.isNone {
            let home = Int(truncatingIfNeeded: Self.hash(slots[next].high, slots[next].low)) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = Slot()
        count -= 1
        if slots.count > 256, count * 8 < slots.count { resize(slots.count / 2) }
    }

    private mutating func resize(_ size: Int) {
        let old = slots
        slots = [Slot](repeating: Slot(), count: size)
        for entry in old where !entry.ref.isNone { slots[place(entry.high, entry.low)] = entry }
    }
}
