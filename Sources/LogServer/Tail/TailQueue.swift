import MartletCore

/// Records that wait for one follower. What does not fit is dropped, and the follower is told so.
final class TailQueue: Sendable {
    /// Bytes that may wait.
    private static let limit = 16 << 20

    /// What a follower finds when it looks.
    struct Content {
        fileprivate(set) var records: [TailRecord] = []
        /// One of the records that were dropped: enough to name streams that lost lines.
        fileprivate(set) var dropped: TailRecord?
        /// Whether records were dropped of which none can be named.
        fileprivate(set) var hasLost = false
        fileprivate var bytes = 0
    }

    let id: Int
    let tenants: [String]
    private let content = Lock(Content())
    private let signal: AsyncStream<Void>.Continuation
    /// Says that something waits.
    let arrivals: AsyncStream<Void>

    init(id: Int, tenants: [String]) {
        self.id = id
        self.tenants = tenants
        (arrivals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds a record; nil is one for which the process has no memory.
    func add(_ record: TailRecord?) {
        content.withLock { content in
            guard let record, record.size <= Self.limit else {
                content.hasLost = true
                return
            }
            if content.bytes + record.size <= Self.limit {
                content.records.append(record)
                content.bytes += record.size
            } else if content.dropped == nil {
                content.dropped = record
            }
        }
        signal.yield()
    }

    /// What waits, and what was dropped since the last call.
    func take() -> Content {
        content.withLock { content in
            defer { content = Content() }
            return content
        }
    }

    func finish() { signal.finish() }
}
