/// How often a query was answered rightly, and how fast.
package struct QueryResult: Sendable {
    /// What there is to say beside times.
    package enum Outcome: Sendable, Hashable {
        /// All answers were right.
        case right
        /// Some were not: the first of them.
        case wrong(got: String, expected: String)
        /// The server refuses to answer.
        case refused(reason: String)
    }

    /// What it is about.
    package let name: String
    /// In the query language, or an id.
    package let text: String
    /// Times of right answers.
    package var times = LatencyHistogram()
    /// Wrong answers.
    package private(set) var wrong = 0
    /// The worst of what happened.
    package var outcome = Outcome.right

    /// Nothing asked yet.
    package init(_ query: BenchQuery) {
        name = query.name
        text = query.text
    }

    /// Notes an answer that was not right.
    package mutating func note(_ verdict: BenchQuery.Verdict) {
        guard case .wrong(let got, let expected) = verdict else { return }
        wrong += 1
        if outcome == .right { outcome = .wrong(got: got, expected: expected) }
    }
}
