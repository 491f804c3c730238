/// Which range of time to search for traces next. A search gives the first traces that it finds, not all: a range whose answer
/// is full is parted until one is not.
package struct TracePlan: Sendable {
    /// A search: traces with spans between two times in Unix seconds.
    package struct Search: Sendable, Hashable {
        package let from: Int64
        package let until: Int64
        /// Traces that the answer may have.
        package let limit: Int
    }

    private static let longest: Int64 = 3600
    /// The limit of a search for a single second, at most.
    private static let mostTraces = 262_144

    /// Up to here all is found, Unix seconds.
    package private(set) var next: Int64
    private let end: Int64
    private var width: Int64 = 60
    private let usual: Int
    private var limit: Int
    private var most = TracePlan.mostTraces

    /// A plan for the seconds from `next` up to but not including `end`; answers should have fewer than `limit` traces.
    package init(from next: Int64, until end: Int64, limit: Int) {
        self.next = next
        self.end = end
        self.limit = limit
        usual = limit
    }

    /// What to search for; nil at the end.
    package var search: Search? {
        guard next < end else { return nil }
        return Search(from: next, until: min(end, next + width), limit: limit)
    }

    /// Takes the number of traces in an answer. True when the range is done with: its traces are all there, or a single second
    /// has more than a server will tell.
    package mutating func read(_ count: Int) -> Bool {
        guard let search else { return true }
        if count >= limit {
            if search.until - search.from > 1 {
                width = (search.until - search.from) / 2
                return false
            }
            if limit < most {
                limit = min(most, limit * 4)
                return false
            }
        }
        next = search.until
        if count < usual / 4 { width = min(Self.longest, width * 2) }
        limit = min(usual, most)
        return true
    }

    /// The server could not answer: less is asked for.
    package mutating func shrink() { width = max(1, width / 4) }

    /// The server allows fewer traces in an answer.
    package mutating func allow(_ traces: Int) {
        most = max(1, traces)
        limit = min(limit, most)
    }
}
