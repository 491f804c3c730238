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
    private(set) var discarded: DiscardedCounters.Amounts = [:]
    private(set) var discardedLines = 0

    init(capacity: Int) {
        record = LogRecord(capacity: capacity)
    }

    /// A push of so many streams that is taken as it was sent.
    init(_ sent: SentPush, streams: Int) {
        record = LogRecord(sent)
        self.streams = streams
    }

    /// The lines that follow are this stream's; it begins with the first of them that is taken.
    mutating func expectStream(_ labels: Labels) { expected = labels }

    /// Takes a line. Throws when the push grows beyond what one record may have.
    mutating func append(
        timestamp: Int64, line: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer
    ) throws(LogStorageError) {
        if let labels = expected {
            record.beginStream(labels)
            expected = nil
        }
        record.append(timestamp: timestamp, line: line, metadata: metadata)
        guard record.size <= LogRecord.maxBytes else {
            throw .recordTooLarge(bytes: record.size, limit: LogRecord.maxBytes)
        }
    }

    /// Notes lines that were not taken. Only the first few problems are put into words.
    mutating func discard(
        _ reason: PushProblem.Reason, lines: Int, bytes: Int, _ message: @autoclosure () -> String
    ) {
        if problems.count < Self.maxListed { problems.append(PushProblem(reason, message())) }
        let before = discarded[reason] ?? (0, 0)
        discarded[reason] = (before.lines + lines, before.bytes + bytes)
        discardedLines += lines
    }

    /// The problems' texts, one a line.
    var message: String { problems.map(\.message).joined(separator: "\n") }

    /// Whether the client should try again later.
    var isRateLimited: Bool { discarded.keys.contains(where: \.isRateLimit) }
}
