/// What pushes carry, counted: the items themselves, and how many of them have which property that queries ask for.
package struct Tally: Sendable, Hashable {
    /// Samples, lines or spans.
    package var items: Int64
    /// By property; what a place means is for the load to say.
    package var parts: [Int64]

    /// Counts, none unless given.
    package init(items: Int64 = 0, parts: [Int64] = []) {
        self.items = items
        self.parts = parts
    }

    /// Adds the counts of another tally of the same load.
    package static func += (left: inout Tally, right: Tally) {
        left.items += right.items
        if left.parts.count < right.parts.count {
            left.parts += [Int64](repeating: 0, count: right.parts.count - left.parts.count)
        }
        for (place, count) in right.parts.enumerated() { left.parts[place] += count }
    }

    /// The count of a property; 0 for one that nothing has had.
    package func part(_ place: Int) -> Int64 { parts.indices.contains(place) ? parts[place] : 0 }
}
