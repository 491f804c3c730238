/// Open addressing from a pair of symbols to a small number.
struct PairTable {
    private var keys = [UInt64](repeating: 0, count: 1024)
    /// Number + 1; 0 is a free slot.
    private var numbers = [UInt32](repeating: 0, count: 1024)
    private var count = 0

    var memory: Int { keys.capacity * 8 + numbers.capacity * 4 }

    func find(_ a: UInt32, _ b: UInt32) -> UInt32? {
        let number = numbers[slot(UInt64(a) << 32 | UInt64(b))]
        return number == 0 ? nil : number - 1
    }

    /// The pair's number, which becomes `fresh` when the pair is new.
    mutating func findOrAdd(_ a: UInt32, _ b: UInt32, _ fresh: UInt32) -> UInt32 {
        let key = UInt64(a) << 32 | UInt64(b)
        let slot = slot(key)
        if numbers[slot] != 0 { return numbers[slot] - 1 }
        keys[slot] = key
        numbers[slot] = fresh + 1
        count += 1
        if count * 4 > keys.count * 3 { grow() }
        return fresh
    }

    private func slot(_ key: UInt64) -> Int {
        let mask = keys.count - 1
        // Multiplying by 2^64 / golden ratio spreads neighbouring symbols over the high bits (Fibonacci hashing).
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
        while numbers[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = (keys, numbers)
        keys = [UInt64](repeating: 0, count: old.0.count * 2)
        numbers = [UInt32](repeating: 0, count: old.0.count * 2)
        for (key, number) in zip(old.0, old.1) where number != 0 {
            let slot = slot(key)
            keys[slot] = key
            numbers[slot] = number
        }
    }
}
