import MartletCore
package import Peers

/// Lines in the order of their times over as many questions as it takes, whatever the server gives at a time.
///
/// A page ends within a nanosecond that may have more lines: the next question begins with that nanosecond again, asks for as many
/// lines more, and what was given before is left out.
package struct LogPager: Sendable {
    /// Which lines come first.
    package enum Direction: String, Sendable {
        case forward, backward
    }

    /// What to ask for.
    package struct Question: Sendable, Hashable {
        /// Unix nanoseconds.
        package let start: Int64
        /// Not included.
        package let end: Int64
        /// Lines.
        package let limit: Int
    }

    private struct Key: Hashable {
        let labels: Labels
        let text: [UInt8]
        let metadata: Labels
    }

    private let range: Range<Int64>
    private let direction: Direction
    private let batch: Int
    private var remaining: Int
    /// The time of the last line that was given.
    private var edge: Int64?
    /// What was given of that time.
    private var given: [Key: Int] = [:]
    private var isDone = false

    /// - Parameters:
    ///   - range: Unix nanoseconds.
    ///   - limit: lines in all.
    ///   - batch: lines of a question.
    package init(range: Range<Int64>, direction: Direction, limit: Int, batch: Int) {
        self.range = range
        self.direction = direction
        self.batch = batch
        remaining = limit
    }

    /// The next question; nil when all there is, or as much as was wanted, has been given.
    package var next: Question? {
        guard !isDone, remaining > 0 else { return nil }
        let limit = min(batch, remaining) + given.values.reduce(0, +)
        guard let edge else { return Question(start: range.lowerBound, end: range.upperBound, limit: limit) }
        return direction == .forward
            ? Question(start: edge, end: range.upperBound, limit: limit)
            : Question(start: range.lowerBound, end: edge + 1, limit: limit)
    }

    /// The lines of the answer to ``next`` that were not given before, in their order.
    package mutating func take(_ page: LogPage) -> [LogPage.Line] {
        guard let question = next else { return [] }
        isDone = page.lines.count < question.limit
        var old = given
        var lines: [LogPage.Line] = []
        for line in page.lines(direction) {
            let key = key(line, page)
            if line.timestamp == edge, let count = old[key], count > 0 {
                old[key] = count - 1
            } else if lines.count < remaining {
                lines.append(line)
                if line.timestamp != edge {
                    edge = line.timestamp
                    given = [:]
                    old = [:]
                }
                given[key, default: 0] += 1
            }
        }
        // A server that gives the same lines again and again would keep us for ever.
        if lines.isEmpty { isDone = true }
        remaining -= lines.count
        return lines
    }

    private func key(_ line: LogPage.Line, _ page: LogPage) -> Key {
        Key(labels: page.streams[line.stream], text: line.text, metadata: line.metadata)
    }
}

extension LogPage {
    /// The lines by time; those of one time in the order of the answer.
    func lines(_ direction: LogPager.Direction) -> [Line] {
        lines.enumerated().sorted { left, right in
            let (first, second) = (left.element.timestamp, right.element.timestamp)
            if first == second { return left.offset < right.offset }
            return direction == .forward ? first < second : first > second
        }.map(\.element)
    }
}
