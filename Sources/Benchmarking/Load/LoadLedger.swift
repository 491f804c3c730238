import MartletCore

/// What becomes of the pushes of a load.
final class LoadLedger: Sendable {
    /// Failures in a row after which a load is given up, when nothing was ever taken and otherwise.
    private static let patience = (atFirst: 3, later: 20)
    /// Refusals after which a load is given up when nothing was ever taken.
    private static let refusals: Int64 = 10

    private struct State: Sendable {
        var result = LoadResult()
        var failuresInRow = 0
        var refused: Int64 = 0
    }

    private let state = Lock(State())
    private let start: ContinuousClock.Instant

    init(start: ContinuousClock.Instant) {
        self.start = start
    }

    /// What is known so far.
    var result: LoadResult { state.withLock { $0.result } }

    /// A push is about to be sent for the first time.
    func begin(_ push: Push) {
        state.withLock { state in
            state.result.sent += push.tally
            let times = state.result.times
            state.result.times =
                times.map { min($0.lowerBound, push.times.lowerBound)...max($0.upperBound, push.times.upperBound) }
                ?? push.times
        }
    }

    /// Whether a load should go on.
    enum Verdict: Sendable {
        /// The push is done with.
        case next
        /// The push is done with, and the server is to be left alone for a moment.
        case pause
        /// The same push once more, after what the server asks for.
        case again(after: Duration?)
        case stop
    }

    /// Notes what became of an attempt to send push `number`.
    func note(_ outcome: PushClient.Outcome, _ push: Push, number: Int64, time: Duration) -> Verdict {
        let now = ContinuousClock.now
        return state.withLock { state in
            if case .failed = outcome { state.failuresInRow += 1 } else { state.failuresInRow = 0 }
            state.result.wireBytes += Int64(push.body.count)
            switch outcome {
            case .taken(let rejected, let reason):
                state.result.take(push, number: number, rejected: rejected)
                state.result.elapsed = now - start
                state.result.latency.record(time)
                if rejected > 0 { state.result.note("rejected", rejected, reason) }
                return .next
            case .throttled(let status, let after, let reason):
                state.result.note("\(status)", 1, reason)
                state.result.throttled += 1
                return .again(after: after)
            case .refused(let status, let reason):
                state.result.note("\(status)", 1, reason)
                state.refused += 1
                if state.result.pushes == 0, state.refused >= Self.refusals {
                    state.result.end = .refused(status: status, reason: reason)
                    return .stop
                }
                return .next
            case .failed(let reason):
                state.result.note("no answer", 1, reason)
                let limit = state.result.pushes == 0 ? Self.patience.atFirst : Self.patience.later
                guard state.failuresInRow >= limit else { return .pause }
                state.result.end = .unreachable(reason: reason)
                return .stop
            }
        }
    }

    /// Adds a wait that the server has asked for.
    func waited(_ duration: Duration) {
        state.withLock { $0.result.waited += duration }
    }

    /// Whether some connection has found that it makes no sense to go on.
    var isGivenUp: Bool { state.withLock { $0.result.end != nil } }
}
