/// Gathers which series have which label pair while series are written, and gives the postings of each pair at the end.
///
/// Holds 8 bytes for every label pair of every series.
struct PostingsBuilder {
    private var pairs = PairTable()
    /// Name and value symbol of each pair, which order as the pairs do.
    private var keys: [UInt64] = []
    private var occurrences: [(pair: UInt32, series: UInt32)] = []
    /// Ids of all series, ascending.
    private(set) var all: [UInt32] = []

    /// Adds a series, whose id is the highest so far: symbols of its names and values in turn.
    mutating func add(_ id: UInt32, _ labels: [UInt32]) {
        all.append(id)
        for index in stride(from: 0, to: labels.count - 1, by: 2) {
            let fresh = UInt32(keys.count)
            let pair = pairs.findOrAdd(labels[index], labels[index + 1], fresh)
            if pair == fresh { keys.append(UInt64(labels[index]) << 32 | UInt64(labels[index + 1])) }
            occurrences.append((pair, id))
        }
    }

    /// Visits the pairs by name and value with the ids of their series, ascending.
    func forEach<E: Error>(_ visit: (_ name: UInt32, _ value: UInt32, ArraySlice<UInt32>) throws(E) -> Void) throws(E) {
        // A counting sort by pair keeps the order of the ids.
        var next = [Int](repeating: 0, count: keys.count + 1)
        for occurrence in occurrences { next[Int(occurrence.pair) + 1] += 1 }
        for index in next.indices.dropFirst() { next[index] += next[index - 1] }
        let starts = next
        var ids = [UInt32](repeating: 0, count: occurrences.count)
        for occurrence in occurrences {
            ids[next[Int(occurrence.pair)]] = occurrence.series
            next[Int(occurrence.pair)] += 1
        }
        for pair in keys.indices.sorted(by: { keys[$0] < keys[$1] }) {
            let key = keys[pair]
            try visit(UInt32(key >> 32), UInt32(truncatingIfNeeded: key), ids[starts[pair]..<starts[pair + 1]])
        }
    }
}
