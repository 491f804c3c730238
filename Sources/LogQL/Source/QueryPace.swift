/// Has a query's context checked as often as the work on its lines asks for: a stage with captures may take a line
/// milliseconds, and a filter for a text may go through thousands in that time.
package struct QueryPace {
    /// What a regular expression costs, for each byte of a line and each of its groups, where a plain stage costs 1.
    static let regexCost = 64
    private static let workBetweenChecks = 1 << 20

    private let context: LogQueryContext
    private let costPerByte: Int
    private var work = 0

    init(_ context: LogQueryContext, costPerByte: Int) {
        self.context = context
        self.costPerByte = costPerByte
    }

    /// A pace for lines that go through `filters`.
    package init(_ context: LogQueryContext, filters: [LineFilter]) {
        self.init(context, costPerByte: filters.reduce(0) { $0 + $1.cost })
    }

    /// Notes a line; throws when the query was cancelled or its time is over.
    @inline(__always)
    package mutating func pass(lineBytes: Int) throws(LogQueryError) {
        // A short line costs something, too.
        work += (lineBytes + 64) * costPerByte
        guard work >= Self.workBetweenChecks else { return }
        work = 0
        try context.check()
    }
}
