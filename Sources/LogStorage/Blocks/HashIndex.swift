/// Finds what was numbered before by its hash: open addressing over the numbers, at most half full.
///
/// A slot holds the upper half of the hash, which says where it belongs, and the number plus one. So most of what differs is
/// never looked at, and the table grows without asking for hashes again.
struct HashIndex: ~Copyable {
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: Int
    private var count = 0

    init() {
        mask = 255
        slots = Self.emptySlots(256)
    }

    deinit { slots.deallocate() }

    /// The number that was added with this hash and of which `isSame` says that it is the one.
    @inline(__always)
    func number(_ hash: UInt64, _ isSame: (Int) -> Bool) -> Int? {
        var place = Self.home(hash, mask)
        while true {
            let slot = slots[place]
            if slot == 0 { return nil }
            let number = Int(UInt32(truncatingIfNeeded: slot)) - 1
            if (slot ^ hash) >> 32 == 0, isSame(number) { return number }
            place = (place + 1) & mask
        }
    }

    /// Adds a number, below 2^32 - 1, that it has not.
    mutating func add(_ number: Int, _ hash: UInt64) {
        if count * 2 > mask { grow() }
        put(hash & (0xFFFF_FFFF << 32) | UInt64(number + 1))
        count += 1
    }

    private func put(_ slot: UInt64) {
        var place = Self.home(slot, mask)
        while slots[place] != 0 { place = (place + 1) & mask }
        slots[place] = slot
    }

    @inline(never)
    private mutating func grow() {
        let old = slots
        defer { old.deallocate() }
        let size = mask + 1
        mask = size * 2 - 1
        slots = Self.emptySlots(size * 2)
        for place in 0..<size where old[place] != 0 { put(old[place]) }
    }

    @inline(__always)
    private static func home(_ hash: UInt64, _ mask: Int) -> Int { Int(truncatingIfNeeded: hash >> 32) & mask }

    private static func emptySlots(_ size: Int) -> UnsafeMutablePointer<UInt64> {
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: size)
        slots.initialize(repeating: 0, count: size)
        return slots
    }
}
