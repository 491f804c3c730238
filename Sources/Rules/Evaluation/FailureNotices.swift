/// What the log is told of a rule that fails: once when it begins, when its error changes and when it works again, and once a
/// minute meanwhile. A rule may be evaluated a thousand times a second, and its error may change each time.
package struct FailureNotices: Sendable {
    /// A line for the log.
    package enum Notice: Sendable, Equatable {
        /// So many failures since the log last said that it works; this is the newest.
        case fails(error: String, count: Int)
        /// It works again, after so many failures.
        case works(count: Int)
    }

    private static let interval = Duration.seconds(60)
    /// Lines within an interval: what changes more often is told with the next.
    private static let limit = 5

    /// What the log said last: an error, or nil when the rule works.
    private var told: String?
    /// Failures since the log last said that it works, or the beginning.
    private var count = 0
    private var last: ContinuousClock.Instant?
    /// Lines since the interval began.
    private var lines = 0
    private var began: ContinuousClock.Instant?

    /// Of a rule that has not failed.
    package init() {}

    /// Takes how an evaluation went, `error` being nil when it went well; what there is to be logged, if anything.
    package mutating func note(_ error: String?, at now: ContinuousClock.Instant) -> Notice? {
        if error != nil { count += 1 }
        if began.map({ now - $0 >= Self.interval }) ?? true { (began, lines) = (now, 0) }
        let isDue = error != nil && last.map { now - $0 >= Self.interval } ?? true
        guard isDue || error != told && lines < Self.limit else { return nil }
        (told, last, lines) = (error, now, lines + 1)
        if let error { return .fails(error: error, count: count) }
        defer { count = 0 }
        return .works(count: count)
    }
}
