import LogQL
import LogStorage
import MartletCore

/// Runs one tail's query over records.
final class TailReader: Sendable {
    /// A line to be sent.
    struct Line: Sendable {
        let stream: Labels
        let entry: LogStreams.Entry
    }

    /// Where a line was that is not sent.
    struct Dropped: Sendable {
        let labels: Labels
        let timestamp: Int64
    }

    private struct State {
        var tail: LogTail
        /// Lines that were sent as history, for as long as records may hold them, too.
        var history: Set<Int>
    }

    private let state: Lock<State>
    /// Whether streams get their tenant's label.
    private let isOfSeveral: Bool

    /// A reader of records of one tenant, or of several.
    init(_ expression: LogExpression, isOfSeveral: Bool) throws(LogQueryError) {
        self.isOfSeveral = isOfSeveral
        state = Lock(State(tail: try LogTail(expression), history: []))
    }

    /// These lines are known; the next records may have some of them.
    func remember(_ streams: LogStreams) {
        var keys: Set<Int> = []
        for stream in streams.streams { for entry in stream.entries { keys.insert(Self.key(stream.labels, entry)) } }
        let history = keys
        state.withLock { $0.history = history }
    }

    /// The lines that pass, by time. Blocks.
    func lines(_ records: [TailRecord]) throws -> [Line] {
        try state.withLock { state in
            var visitor = Visitor(tail: state.tail)
            for record in records {
                visitor.tenant = isOfSeveral ? record.tenant : nil
                try record.record.visit(&visitor)
            }
            state.tail = visitor.tail
            var lines = visitor.lines
            if !state.history.isEmpty, !records.isEmpty {
                lines.removeAll { state.history.contains(Self.key($0.stream, $0.entry)) }
                state.history = []
            }
            return lines.enumerated().sorted {
                ($0.element.entry.timestamp, $0.offset) < ($1.element.entry.timestamp, $1.offset)
            }.map(\.element)
        }
    }

    /// Where the lines of records are that pass, at most `limit`.
    func places(_ records: [TailRecord], limit: Int) throws -> [Dropped] {
        try lines(records).prefix(limit).map {
            Dropped(labels: $0.stream, timestamp: $0.entry.timestamp)
        }
    }

    private static func key(_ labels: Labels, _ entry: LogStreams.Entry) -> Int {
        var hasher = Hasher()
        hasher.combine(labels)
        hasher.combine(entry)
        return hasher.finalize()
    }

    private struct Visitor: LogRecord.Visitor {
        var tail: LogTail
        var lines: [Line] = []
        /// Whose the record is, where that is told.
        var tenant: String?
        private var isWanted = false

        init(tail: LogTail) { self.tail = tail }

        mutating func stream(_ labels: UnsafeRawBufferPointer) throws {
            let own = Labels(canonicalBytes: [UInt8](labels))
            isWanted = tail.begin(stream: tenant.map { TenantsSource.labels(own, of: $0) } ?? own)
        }

        mutating func entry(
            _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer
        ) throws {
            guard isWanted, let found = tail.process(timestamp: timestamp, line: line, metadata: metadata) else {
                return
            }
            for entry in found.entries { lines.append(Line(stream: found.labels, entry: entry)) }
        }
    }
}
