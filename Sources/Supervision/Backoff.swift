/// How long to wait before a server that died is started again: doubling from half a second to half a minute, and from the
/// beginning again after it ran for a minute.
package struct Backoff {
    private var failures = 0

    /// No failure yet.
    package init() {}

    /// The wait after an ending.
    /// - Parameter ran: how long the server had run.
    package mutating func next(after ran: Duration) -> Duration {
        if ran >= .seconds(60) { failures = 0 }
        defer { failures += 1 }
        return min(.milliseconds(500) * (1 << min(failures, 6)), .seconds(30))
    }
}
