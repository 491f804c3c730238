import Durable
import MartletCore

extension Block {
    /// The exemplars in the times of the series that pass one of the matcher lists and that are not deleted.
    func exemplars(
        matching lists: [[Matcher]], in times: ClosedRange<Int64>, while goesOn: () -> Bool
    ) throws(DurableError) -> [(labels: Labels, exemplars: [StoredExemplar])] {
        guard let file = try exemplars.get() else { return [] }
        try file.verify()
        try index.verify()
        let tombstones = tombstones
        var wanted: Set<UInt32> = []
        for matchers in lists { wanted.formUnion(try index.select(matchers, while: goesOn)) }
        var series = StoredSeries()
        var cache = SymbolCache()
        var result: [(labels: Labels, exemplars: [StoredExemplar])] = []
        for group in 0..<file.count where wanted.contains(file.series(group)) {
            guard goesOn() else { return result }
            let deleted = tombstones[UInt64(file.series(group))]
            let found = try file.exemplars(group).filter {
                times.contains($0.time) && !(deleted?.covers($0.time, $0.time) ?? false)
            }
            guard !found.isEmpty else { continue }
            try index.read(file.series(group), into: &series)
            var labels: [UInt8] = []
            try index.appendLabels(series, to: &labels, &cache)
            result.append((Labels(canonicalBytes: labels), found))
        }
        try file.verify()
        try index.verify()
        return result
    }
}
