/// Finds a span of one part by (trace, span id, kind): open addressing over row numbers.
struct SpanIndex {
    /// Row + 1, 0 for a free slot; the size is a power of two.
    private var slots: [UInt32]
    private var count = 0

    init() {
        slots = [UInt32](repeating: 0, count: 64)
    }

    var memory: Int { slots.capacity * 4 }

    static func hash(trace: UInt32, span: UInt64, kind: UInt8) -> UInt64 {
        var hash = span ^ (UInt64(trace) << 8 | UInt64(kind)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
        hash = hash &* 0xD6E8_FEB8_6659_FD93
        return hash ^ (hash >> 32)
    }

    /// The row under `hash` for which `isMatch` holds.
    func find(_ hash: UInt64, _ isMatch: (Int) -> Bool) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let row = Int(slots[slot]) - 1
            if isMatch(row) { return row }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Whether the next insertion needs `grow` first.
    var isFull: Bool { (count + 1) * 2 > slots.count }

    /// Adds a row that is not there, or exchanges `replaced` for it.
    mutating func insert(_ row: Int, hash: UInt64, replacing replaced: Int?) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if let replaced, Int(slots[slot]) - 1 == replaced {
                slots[slot] = UInt32(row + 1)
                return
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(row + 1)
        count += 1
    }

    /// Doubles the room; `hashes` has an element for each row.
    mutating func grow(_ hashes: [UInt64]) {
        let old = slots
        slots = [UInt32](repeating: 0, count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry != 0 {
            var slot = Int(truncatingIfNeeded: hashes[Int(entry) - 1]) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }
}
