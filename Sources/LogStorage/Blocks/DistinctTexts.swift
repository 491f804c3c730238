import MartletCore

/// Numbers texts by their first occurrence.
struct DistinctTexts {
    private let text: UnsafePointer<UInt8>
    private var slots: [UInt32]
    /// Where each distinct text first stands, as a `ColumnEncoder.Span`.
    private(set) var places: [UInt64] = []
    /// How often each occurs.
    private(set) var counts: [UInt32] = []

    var count: Int { places.count }

    init(_ text: UnsafePointer<UInt8>, expected: Int) {
        self.text = text
        var size = 64
        while size < min(expected, 4096) * 2 { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
    }

    mutating func number(of offset: Int, count: Int) -> UInt32 {
        let bytes = UnsafeRawBufferPointer(start: text + offset, count: count)
        if places.count * 2 >= slots.count { grow() }
        let mask = slots.count - 1
        var slot = Self.hash(bytes) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if Bytes.equal(self.bytes(number), bytes) {
                counts[number] += 1
                return UInt32(number)
            }
            slot = (slot + 1) & mask
        }
        places.append(UInt64(offset) << 32 | UInt64(count))
        counts.append(1)
        slots[slot] = UInt32(places.count)
        return UInt32(places.count - 1)
    }

    private func bytes(_ number: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: text + ColumnEncoder.offset(places[number]), count: ColumnEncoder.length(places[number]))
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        Int(truncatingIfNeeded: Hash64.hash(bytes) >> 1)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for number in places.indices {
            var slot = Self.hash(bytes(number)) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }
}
