package import MartletCore

/// Lines that somebody wants to be gone: those of a log query in a range of time.
package struct LogDeletion: Sendable, Hashable {
    /// Which lines.
    package let expression: LogExpression
    /// The first time, nanoseconds.
    package let start: Int64
    /// The last time, nanoseconds, inclusive.
    package let end: Int64
    /// Names the request: who asks again for the same lines means those that have come since as well.
    package let request: String

    /// Parses `query`; throws when it is no log query, or one of its stages cannot be made ready.
    package init(query: String, start: Int64, end: Int64, request: String = "") throws(LogQueryError) {
        guard case .log(let expression) = try QueryExpression(parsing: query) else {
            throw LogQueryError(.badQuery, "only log selector is supported")
        }
        _ = try LinePipeline(expression.stages)
        self.expression = expression
        self.start = start
        self.end = end
        self.request = request
    }

    /// Whether any line of a stream in `start..<end` may be meant.
    package func concerns(_ labels: Labels, _ start: Int64, _ end: Int64) -> Bool {
        self.start < end && self.end >= start && expression.matchers.allSatisfy { $0.matches(labels) }
    }

    /// When the lines are that are meant; nil where there can be none.
    var times: ClosedRange<Int64>? { start <= end ? start...end : nil }

    /// Whether all lines of its streams in `range` are meant.
    func covers(_ range: ClosedRange<Int64>) -> Bool {
        expression.stages.isEmpty && start <= range.lowerBound && end >= range.upperBound
    }
}
