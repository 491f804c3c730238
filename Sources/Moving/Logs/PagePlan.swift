/// Which lines to ask for next, so that a range of time is read forward without a gap or a line twice, whatever the server's
/// limits are.
///
/// A page that is not full is whole. Of a full one all but the last time is whole, since more lines of that nanosecond
/// may not have had room; the next page begins with it. When a page is full of lines of one nanosecond, that
/// nanosecond is a step of its own.
package struct PagePlan: Sendable {
    /// What to ask for.
    package enum Step: Sendable, Hashable {
        /// At most `limit` lines, oldest first, from one time up to but not including another (Unix nanoseconds).
        case page(from: Int64, until: Int64, limit: Int)
        /// All lines of one nanosecond, of which there are more than a page has room for.
        case moment(Int64)
    }

    private static let shortest: Int64 = 1_000_000
    private static let longest: Int64 = 86_400_000_000_000

    /// Up to here all is read.
    package private(set) var next: Int64
    private let end: Int64
    private var window: Int64 = 3_600_000_000_000
    private var limit: Int
    private var mostLines: Int
    private var isCrowded = false

    /// A plan for the times from `next` up to but not including `end`, at most `limit` lines a page.
    package init(from next: Int64, until end: Int64, limit: Int) {
        self.next = next
        self.end = end
        self.limit = limit
        mostLines = limit
    }

    /// Lines that one page may have.
    package var pageLimit: Int { mostLines }

    /// What to ask for; nil at the end.
    package var step: Step? {
        guard next < end else { return nil }
        if isCrowded { return .moment(next) }
        return .page(from: next, until: min(end, next + window), limit: limit)
    }

    /// Takes the answer to a page.
    /// - Parameters:
    ///   - count: its lines.
    ///   - last: the latest of their times.
    /// - Returns: the time before which the page has all lines; those from it on will come again.
    package mutating func read(count: Int, last: Int64?) -> Int64 {
        guard case .page(let from, let until, let limit)? = step else { return next }
        guard count >= limit, let last, last < until else {
            next = until
            if count < limit / 2 { window = min(Self.longest, window * 2) }
            self.limit = min(mostLines, limit * 2)
            return until
        }
        if last <= from {
            if limit < mostLines {
                self.limit = mostLines
            } else {
                isCrowded = true
            }
            return from
        }
        next = last
        self.limit = min(mostLines, limit * 2)
        return last
    }

    /// All lines of the moment were read.
    package mutating func readMoment() {
        isCrowded = false
        next += 1
    }

    /// The server could not answer: less is asked for. False when it is as little as can be.
    package mutating func shrink() -> Bool {
        guard !isCrowded, window > Self.shortest || limit > 1 else { return false }
        window = max(Self.shortest, window / 4)
        limit = max(1, limit / 4)
        return true
    }

    /// The server allows fewer lines in an answer.
    package mutating func allow(_ lines: Int) {
        mostLines = max(1, lines)
        limit = min(limit, mostLines)
    }

    /// The server allows only shorter ranges.
    package mutating func allow(range: Int64) { window = max(Self.shortest, min(window, range)) }
}
