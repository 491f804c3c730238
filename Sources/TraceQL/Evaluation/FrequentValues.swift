/// How often values occur. Of more values than fit, the frequent ones are kept: the summary of Misra and Gries in the form
/// that Agarwal et al. trim ("Mergeable Summaries", 2012). A count is then too low by less than a `capacity`th of all
/// occurrences, and a value that is more frequent than that is never lost.
struct FrequentValues {
    /// Occurrences of all values, of those that were not kept too.
    private(set) var total = 0
    /// Whether some values were not kept.
    private(set) var wasTrimmed = false
    private var counts: [Value: Int] = [:]
    private let capacity: Int

    /// - Parameter capacity: how many values are kept at least, 1 or more; up to twice as many are held.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Number of values that are kept.
    var count: Int { counts.count }

    /// Adds occurrences of a value; the bytes of memory by which this has grown, less than 0 when it has shrunk.
    mutating func add(_ value: Value, _ occurrences: Int) -> Int {
        total += occurrences
        if let known = counts.index(forKey: value) {
            counts.values[known] += occurrences
            return 0
        }
        counts[value] = occurrences
        let growth = Self.memory(value)
        return counts.count > 2 * capacity ? growth - trim() : growth
    }

    /// The most frequent values, at most `limit`; of equally frequent ones those that come first as text.
    func leading(_ limit: Int) -> [Value] {
        let ranked = counts.map { (value: $0.key, count: $0.value, text: $0.key.shown) }
        return ranked.sorted { $0.count == $1.count ? $0.text < $1.text : $0.count > $1.count }
            .prefix(limit).map(\.value)
    }

    /// Takes the first count that does not fit from all counts, and drops what is left with nothing; the bytes freed.
    private mutating func trim() -> Int {
        wasTrimmed = true
        let excess = counts.values.sorted(by: >)[capacity]
        var freed = 0
        counts = counts.reduce(into: [:]) { kept, entry in
            if entry.value > excess {
                kept[entry.key] = entry.value - excess
            } else {
                freed += Self.memory(entry.key)
            }
        }
        return freed
    }

    /// A value with its count and its place in the table, about.
    private static func memory(_ value: Value) -> Int { value.memory + 48 }
}
