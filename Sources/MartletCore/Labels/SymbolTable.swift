/// Interns byte strings: each distinct one is stored once in one slab and named by a small number.
///
/// Numbers count up from 0 in order of arrival. An open-addressing table of (hash tag, number) finds them without
/// allocation; strings are compared in the slab.
package struct SymbolTable: Sendable {
    @usableFromInline var slab: [UInt8] = []
    /// Start of every symbol in `slab`, and its end as the last element.
    @usableFromInline var starts: [Int] = [0]
    private var hashes: [UInt32] = []
    /// Symbol number + 1, 0 for a free slot; the size is a power of two.
    private var slots: [UInt32] = [UInt32](repeating: 0, count: 16)

    package init() {}

    /// Number of symbols.
    package var count: Int { hashes.count }

    /// Bytes of memory held.
    package var memory: Int {
        slab.capacity + starts.capacity * 8 + hashes.capacity * 4 + slots.capacity * 4
    }

    /// The number of `bytes`, which are added when they are new.
    package mutating func intern(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let hash = UInt32(truncatingIfNeeded: Hash64.hash(bytes))
        let slot = find(bytes, hash: hash)
        if slots[slot] != 0 { return slots[slot] - 1 }
        let symbol = UInt32(hashes.count)
        slab.append(contentsOf: bytes)
        starts.append(slab.count)
        hashes.append(hash)
        slots[slot] = symbol + 1
        if hashes.count * 4 > slots.count * 3 { grow() }
        return symbol
    }

    /// The number of `text`, which is added when it is new.
    package mutating func intern(_ text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { intern(UnsafeRawBufferPointer($0)) }
    }

    /// The number of `bytes` if they are known.
    package func lookup(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
        let slot = find(bytes, hash: UInt32(truncatingIfNeeded: Hash64.hash(bytes)))
        return slots[slot] == 0 ? nil : slots[slot] - 1
    }

    /// The number of `text` if it is known.
    package func lookup(_ text: String) -> UInt32? {
        Bytes.of(text) { lookup($0) }
    }

    /// Calls `body` with a symbol's bytes; they live for the call only. The symbol must be one this table gave.
    @inlinable
    package func withBytes<R>(of symbol: UInt32, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let range = starts[Int(symbol)]..<starts[Int(symbol) + 1]
        return slab.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// A symbol's bytes as a slice of the slab.
    package func bytes(of symbol: UInt32) -> ArraySlice<UInt8> {
        slab[starts[Int(symbol)]..<starts[Int(symbol) + 1]]
    }

    /// A symbol as a String. For API edges.
    package func string(of symbol: UInt32) -> String {
        withBytes(of: symbol) { String(decoding: $0, as: UTF8.self) }
    }

    /// The slot that holds `bytes`, or the free one where they belong.
    private func find(_ bytes: UnsafeRawBufferPointer, hash: UInt32) -> Int {
        slab.withUnsafeBytes { slab in
            let mask = slots.count - 1
            var slot = Int(hash) & mask
            while slots[slot] != 0 {
                let symbol = Int(slots[slot] - 1)
                if hashes[symbol] == hash,
                    Bytes.equal(UnsafeRawBufferPointer(rebasing: slab[starts[symbol]..<starts[symbol + 1]]), bytes)
                {
                    return slot
                }
                slot = (slot + 1) & mask
            }
            return slot
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (symbol, hash) in hashes.enumerated() {
            var slot = Int(hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(symbol) + 1
        }
    }
}
