import LogStorage
import MartletCore

/// What became of a push: the record of the lines that were taken, and the problems of the others.
struct PushOutcome {
    /// Errors that an answer lists.
    private static let maxListed = 10

    private(set) var record: LogRecord
    private var expected: Labels?
    /// Streams that the push had.
    var streams = 0
    private(set) var problems: [PushProblem] = []
    /// Lines and bytes not taken, by reason.
    private(set) var discarded: [PushProblem.Reason: (lines: Int, bytes: Int)] = [:]
    private(set) var discardedLines = 0

    init(capacity: Int) {
        record = LogRecord(capacity: capacity)
    }

    /// The lines that follow are this stream's; it begins with the first of them that is taken.
    mutating func expectStream(_ labels: Labels) { expected = labels }

    /// Takes a line.
    mutating func append(timestamp: Int64, line: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer) {
        if let labels = expected {
            record.beginStream(labels)
            expected = nil
        }
        record.append(timestamp: timestamp, line: line, metadata: metadata)
    }

    /// Notes lines that were not taken.
    mutating func discard(_ problem: PushProblem, lines: Int, bytes: Int) {
        if problems.count < Self.maxListed { problems.append(problem) }
        let before = discarded[problem.reason] ?? (0, 0)
        discarded[problem.reason] = (before.lines + lines, before.bytes + bytes)
        discardedLines += lines
    }

    /// The problems' texts, one a line.
    var message: String { problems.map(\.message).joined(separator: "\n") }

    /// Whether the client should try again later.
    var isRateLimited: Bool { problems.contains { $0.reason.isRateLimit } }
}
