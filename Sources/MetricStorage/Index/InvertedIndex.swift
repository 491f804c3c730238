import MartletCore

/// Finds series by label: what the head's index and a block's have in common. Lists are ascending and unique.
protocol InvertedIndex {
    associatedtype Failure: Error

    /// All series.
    func allSeries() throws(Failure) -> [UInt32]
    /// The series whose label has one of the values.
    func union(_ name: String, values: [String]) throws(Failure) -> [UInt32]
    /// The series whose label has a value that begins with `prefix` and passes the test; nil when no series has the
    /// label.
    func union(
        _ name: String, prefix: [UInt8], where test: (UnsafeRawBufferPointer) -> Bool
    ) throws(Failure) -> [UInt32]?
}

extension InvertedIndex {
    /// The series that pass all matchers, ascending. `goesOn` is asked between values that are matched; when it says no,
    /// the rest is not looked at and the result means nothing.
    func select(_ matchers: [Matcher], while goesOn: () -> Bool = { true }) throws(Failure) -> [UInt32] {
        var tested = 0
        var isOver = false
        // An expression of many branches may take a millisecond for a value.
        func passes(_ matcher: Matcher, _ value: UnsafeRawBufferPointer) -> Bool {
            tested += 1
            if tested % 16 == 0, !isOver { isOver = !goesOn() }
            return !isOver && matcher.matches(value)
        }
        var wanted: [[UInt32]] = []
        var excluded: [[UInt32]] = []
        for matcher in matchers {
            if matcher.matchesEmpty {
                // A series without the label passes: take away those whose value does not.
                if let list = try union(matcher.name, prefix: [], where: { !passes(matcher, $0) }) {
                    excluded.append(list)
                }
            } else if let values = matcher.setMatches {
                wanted.append(try union(matcher.name, values: values))
            } else {
                let list = try union(matcher.name, prefix: matcher.prefix, where: { passes(matcher, $0) })
                wanted.append(list ?? [])
            }
            if wanted.last?.isEmpty == true { return [] }
        }
        wanted.sort { $0.count < $1.count }
        if wanted.isEmpty { wanted.append(try allSeries()) }
        var result = wanted[0]
        for list in wanted.dropFirst() where !result.isEmpty { result = Postings.intersect(result, list) }
        for list in excluded where !result.isEmpty { result = Postings.subtract(result, list) }
        return result
    }
}
