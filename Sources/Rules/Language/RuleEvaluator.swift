package import MartletCore
package import PromQL

/// Evaluates expressions of one language over the data that rules are about. Calls may block and take long.
package protocol RuleEvaluator: Sendable {
    /// Parses what templates ask.
    var language: any RuleLanguage { get }

    /// The samples of an expression of this language at a moment (milliseconds since 1970); a number is one sample
    /// without labels.
    func samples(of expression: RuleExpression, atMs timeMs: Int64) throws(RuleError) -> [QueryResult.Sample]

    /// The series of an expression from one moment to another, `stepMs` milliseconds apart.
    func series(
        of expression: RuleExpression, fromMs startMs: Int64, toMs endMs: Int64, stepMs: Int64
    ) throws(RuleError) -> [QueryResult.Series]

    /// Cancels the queries that run, and those to come: the server stops.
    func stop()
}

/// Remembers over a restart the series that tell of alerts.
package protocol AlertHistory: Sendable {
    /// The last sample of each series that matches within a time (milliseconds since 1970), by all of its labels; series
    /// that have ended are left out. May block.
    func lastSamples(
        matching matchers: [Matcher], fromMs startMs: Int64, toMs endMs: Int64
    ) throws(RuleError) -> [Labels: (timeMs: Int64, value: Double)]
}
