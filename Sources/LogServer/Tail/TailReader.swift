import LogQL
import LogStorage
import MartletCore
import Service

/// Runs one tail's query over records.
final class TailReader: Sendable {
    /// A line to be sent.
    struct Line: Sendable {
        let stream: Labels
        let entry: LogStreams.Entry

        /// Bytes of memory that it takes, about.
        var heldBytes: Int {
            stream.bytes.count + entry.line.count + entry.metadata.bytes.count + entry.parsed.bytes.count + 256
        }
    }

    /// Where a line was that is not sent.
    struct Dropped: Sendable {
        let labels: Labels
        let timestamp: Int64
    }

    /// What was found in records.
    struct Found: Sendable {
        var lines: [Line] = []
        /// Some of the lines for which there was no room.
        fileprivate(set) var dropped: [Dropped] = []
        /// Bytes of the account that the lines take.
        fileprivate(set) var bytes = 0
    }

    /// Places of lines that are not sent, at a time.
    private static let mostDropped = 100

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

    /// The lines that pass, by time, as far as the request's account has room for them; what they take is to be given back.
    /// Blocks.
    func lines(_ records: [TailRecord], _ account: RequestAccount) throws -> Found {
        var found = try read(records, account)
        guard !records.isEmpty else { return found }
        return state.withLock { state in
            let known = state.history
            state.history = []
            if !known.isEmpty { found.lines.removeAll { known.contains(Self.key($0.stream, $0.entry)) } }
            // Those of one time in the order in which they came.
            found.lines = found.lines.enumerated().sorted {
                ($0.element.entry.timestamp, $0.offset) < ($1.element.entry.timestamp, $1.offset)
            }.map(\.element)
            return found
        }
    }

    /// Where some of the lines are that pass. Blocks.
    func places(in record: TailRecord) throws -> [Dropped] { try read([record], nil).dropped }

    /// Without an account there is room for nothing.
    private func read(_ records: [TailRecord], _ account: RequestAccount?) throws -> Found {
        try state.withLock { state in
            var visitor = Visitor(tail: state.tail, account: account)
            defer { state.tail = visitor.tail }
            do {
                for record in records {
                    visitor.tenant = isOfSeveral ? record.tenant : nil
                    try record.record.visit(&visitor)
                }
            } catch {
                account?.release(visitor.found.bytes)
                throw error
            }
            return visitor.found
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
        let account: RequestAccount?
        var found = Found()
        /// Whose the record is, where that is told.
        var tenant: String?
        private var isWanted = false

        init(tail: LogTail, account: RequestAccount?) {
            self.tail = tail
            self.account = account
        }

        mutating func stream(_ labels: UnsafeRawBufferPointer) throws {
            let own = Labels(canonicalBytes: [UInt8](labels))
            isWanted = tail.begin(stream: tenant.map { TenantsSource.labels(own, of: $0) } ?? own)
        }

        mutating func entry(
            _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer
        ) throws {
            guard isWanted, let stream = tail.process(timestamp: timestamp, line: line, metadata: metadata) else {
                return
            }
            for entry in stream.entries {
                let line = Line(stream: stream.labels, entry: entry)
                let size = line.heldBytes
                if account?.tryReserve(size) == true {
                    found.bytes += size
                    found.lines.append(line)
                } else if found.dropped.count < TailReader.mostDropped {
                    found.dropped.append(Dropped(labels: stream.labels, timestamp: timestamp))
                }
            }
        }
    }
}
