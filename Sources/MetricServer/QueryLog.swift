import MartletCore

/// The last queries: what was asked, over how long a time, and how long it took. It answers which queries a server is busy
/// with; what it holds is bounded, and gone with the process.
final class QueryLog: Sendable {
    /// Queries that are kept.
    static let capacity = 5000
    /// Bytes of a query that are kept; longer ones end in "…".
    static let textLimit = 1024

    /// A query and the length of its time range: what is counted as one.
    struct Subject: Hashable, Sendable {
        let query: String
        let rangeMs: Int64
    }

    /// A query that came at least once.
    struct Usage: Sendable, Equatable {
        let subject: Subject
        var count = 0
        var total = Duration.zero
        var longest = Duration.zero

        /// Seconds that it took at the average.
        var average: Double { total / .seconds(1) / Double(max(count, 1)) }
    }

    private struct Entry {
        let subject: Subject
        let ended: ContinuousClock.Instant
        let took: Duration
    }

    private struct State {
        /// A ring once it is full.
        var entries: [Entry] = []
        var next = 0
    }

    private let state = Lock(State())

    /// Notes a query that has ended, well or not.
    func note(_ query: String, rangeMs: Int64, took: Duration, at ended: ContinuousClock.Instant = .now) {
        let bytes = query.utf8
        let text =
            bytes.count > Self.textLimit
            ? String(decoding: bytes.prefix(Self.textLimit), as: UTF8.self) + "…" : query
        let entry = Entry(subject: Subject(query: text, rangeMs: rangeMs), ended: ended, took: took)
        state.withLock { state in
            if state.entries.count < Self.capacity {
                state.entries.append(entry)
            } else {
                state.entries[state.next] = entry
                state.next = (state.next + 1) % Self.capacity
            }
        }
    }

    /// The queries that ended within `age`, added up, in no order; and how many there were.
    func usages(within age: Duration, now: ContinuousClock.Instant = .now) -> (usages: [Usage], queries: Int) {
        let entries = state.withLock(\.entries)
        var usages: [Subject: Usage] = [:]
        var queries = 0
        for entry in entries where now - entry.ended <= age {
            queries += 1
            var usage = usages[entry.subject] ?? Usage(subject: entry.subject)
            usage.count += 1
            usage.total += entry.took
            usage.longest = max(usage.longest, entry.took)
            usages[entry.subject] = usage
        }
        return (Array(usages.values), queries)
    }
}
