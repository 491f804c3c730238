import Service

/// Shows on a terminal how far a load is.
struct LoadProgress: Sendable {
    private static let interval = Duration.milliseconds(200)

    let noun: String
    /// Items in all; nil when time ends it.
    let total: Int64?
    let duration: Duration?

    /// Draws until it is cancelled.
    func follow(_ ledger: LoadLedger) async {
        let clock = ContinuousClock()
        let start = clock.now
        // What ends it is what it is on the way to.
        let end = total ?? duration.map(\.nanoseconds)
        var bar = ProgressBar(total: end, of: .way, isTerminal: true)
        var way: Int64 = 0
        var items: Int64 = 0
        repeat {
            items = ledger.result.items
            way = total == nil ? (clock.now - start).nanoseconds : items
            bar.update(way, items, noun)
        } while (try? await Task.sleep(for: Self.interval)) != nil
        items = ledger.result.items
        bar.finish(total == nil ? way : items, items, noun)
    }
}
