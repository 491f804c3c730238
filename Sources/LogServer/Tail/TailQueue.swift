import LogStorage
import MartletCore

/// Records that wait for one follower. What does not fit is dropped, and the follower is told so.
final class TailQueue: Sendable {
    /// Bytes that may wait.
    private static let limit = 16 << 20

    private struct State {
        var records: [TailRecord] = []
        var bytes = 0
        var dropped: [TailRecord] = []
    }

    let id: Int
    let tenants: [String]
    private let state = Lock(State())
    private let signal: AsyncStream<Void>.Continuation
    /// Says that something waits.
    let arrivals: AsyncStream<Void>

    init(id: Int, tenants: [String]) {
        self.id = id
        self.tenants = tenants
        (arrivals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ record: TailRecord) {
        state.withLock { state in
            if state.bytes + record.size <= Self.limit {
                state.records.append(record)
                state.bytes += record.size
            } else {
                // One is enough to name streams that lost lines.
                if state.dropped.isEmpty, record.size <= Self.limit { state.dropped.append(record) }
            }
        }
        signal.yield()
    }

    /// What waits, and what of the records since was dropped.
    func take() -> (records: [TailRecord], dropped: [TailRecord]) {
        state.withLock { state in
            defer { state = State() }
            return (state.records, state.dropped)
        }
    }

    func finish() { signal.finish() }
}
