import MartletCore

/// Selectors that together match every stream exactly once. A query must name a label that is not empty, and not every
/// stream has the same.
package enum StreamGroups {
    /// - Parameter sets: names of labels that occur together, and how many streams have them.
    package static func selectors(_ sets: [[String]: Int]) -> [String] {
        var left = sets.filter { !$0.key.isEmpty }
        var chosen: [String] = []
        var selectors: [String] = []
        while !left.isEmpty {
            var counts: [String: Int] = [:]
            for (names, count) in left { for name in names { counts[name, default: 0] += count } }
            guard let best = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { break }
            selectors.append("{" + (chosen.map { "\($0)=\"\"" } + ["\(best)=~\".+\""]).joined(separator: ", ") + "}")
            chosen.append(best)
            left = left.filter { !$0.key.contains(best) }
        }
        return selectors
    }
}
