/// The keys that were added last, at most so many: two sets, of which the older goes when the younger is full. A key that is
/// asked for counts as added again.
package struct RecentKeys<Key: Hashable & Sendable>: Sendable {
    private var young: Set<Key> = []
    private var old: Set<Key> = []
    private let limit: Int

    /// - Parameter limit: keys held at most; at least half as many of those that came last are known.
    package init(limit: Int) {
        self.limit = max(0, limit)
    }

    /// Bytes of memory held.
    package var memory: Int { (young.capacity + old.capacity) * (MemoryLayout<Key>.stride + 1) * 4 / 3 }

    /// Remembers a key.
    package mutating func add(_ key: Key) {
        guard limit > 0 else { return }
        if young.count >= max(1, limit / 2) { forgetOlder() }
        young.insert(key)
    }

    /// Whether a key is remembered.
    package mutating func contains(_ key: Key) -> Bool {
        if young.contains(key) { return true }
        guard old.remove(key) != nil else { return false }
        add(key)
        return true
    }

    /// Lets go of the older half.
    package mutating func forgetOlder() {
        old = young
        young = []
    }
}
