/// What came of notifications lately, and what is being tried again. In memory only: the notification log has what a
/// restart must know.
struct NotificationHistory: Sendable {
    /// An attempt that failed, of a notification that goes on.
    struct Failure: Sendable {
        /// When, Unix nanoseconds.
        let at: Int64
        /// How often it was tried.
        let attempts: Int
        let error: String
    }

    /// Outcomes that are kept.
    static let limit = 1000
    /// Outcomes of tests among them: whoever tests a lot must not drive out what happened.
    static let testLimit = 100
    /// Characters of an error's text that are kept.
    private static let errorLimit = 1000

    /// Oldest first, at most twice the limit.
    private var outcomes: [NotificationOutcome] = []
    /// By the notification's key.
    private(set) var failures: [String: Failure] = [:]

    /// The newest first.
    var latest: [NotificationOutcome] { Array(outcomes.suffix(Self.limit).reversed()) }

    /// A notification has ended.
    mutating func add(_ outcome: NotificationOutcome, key: String? = nil) {
        if let key { failures[key] = nil }
        if outcome.isTest, outcomes.count(where: \.isTest) >= Self.testLimit,
            let oldest = outcomes.firstIndex(where: \.isTest)
        {
            outcomes.remove(at: oldest)
        }
        outcomes.append(outcome)
        if outcomes.count >= 2 * Self.limit { outcomes.removeFirst(Self.limit) }
    }

    /// An attempt has failed, and another one follows.
    mutating func fail(_ key: String, at: Int64, attempts: Int, error: String) {
        failures[key] = Failure(at: at, attempts: attempts, error: Self.bounded(error))
    }

    /// A notification has ended without a verdict, since the server stops.
    mutating func forget(_ key: String) { failures[key] = nil }

    /// As much of an error as is kept.
    static func bounded(_ error: String) -> String { String(error.prefix(errorLimit)) }
}
