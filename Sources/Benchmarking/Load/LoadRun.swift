import Delivery
import MartletCore
import Service

/// Sends a load to one server over some connections. Connection c of n sends the pushes c, c + n, c + 2n, … one after the
/// other, so that what belongs to one series or stream arrives in order.
struct LoadRun: Sendable {
    let source: any PushSource
    let client: PushClient
    let pace: LoadPace
    let pids: [Int32]
    /// Draws how far it is, where somebody looks.
    let progress: LoadProgress?

    private let clock = ContinuousClock()

    init(
        _ source: any PushSource, _ client: PushClient, _ pace: LoadPace, pids: [Int32] = [],
        progress: LoadProgress? = nil
    ) {
        self.source = source
        self.client = client
        self.pace = pace
        self.pids = pids
        self.progress = progress
    }

    /// Sends until the source or the time has ended, the server is given up, or the task is cancelled; what there is to say
    /// is said in any case.
    func run() async throws -> LoadResult {
        let watch = try ProcessWatch(pids)
        let start = clock.now
        let ledger = LoadLedger(start: start)
        let (isComplete, peak) = try await withThrowingTaskGroup(of: Int64.self) { group in
            group.addTask { pids.isEmpty ? 0 : await watch.peak() }
            group.addTask {
                await progress?.follow(ledger)
                return 0
            }
            let isComplete = try await connections(start, ledger)
            group.cancelAll()
            var peak: Int64 = 0
            for try await seen in group { peak = max(peak, seen) }
            return (isComplete, peak)
        }
        var result = ledger.result
        result.isComplete = isComplete
        if !pids.isEmpty { result.process = watch.use(peak: peak) }
        return result
    }

    /// Whether all of them have come to the end of the source.
    private func connections(_ start: ContinuousClock.Instant, _ ledger: LoadLedger) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for connection in 0..<pace.connections {
                group.addTask { try await send(from: Int64(connection), start, ledger) }
            }
            var isComplete = true
            for try await isAtEnd in group { isComplete = isComplete && isAtEnd }
            return isComplete
        }
    }

    private func send(
        from first: Int64, _ start: ContinuousClock.Instant, _ ledger: LoadLedger
    ) async throws -> Bool {
        let end = pace.duration.map { start + $0 }
        var number = first
        var round: Int64 = -1
        var previous: Int64 = 0
        while source.pushes.map({ number < $0 }) ?? true {
            let due = start + pace.due(number, itemsPerPush: source.itemsPerPush)
            guard await isTime(due, end), !ledger.isGivenUp else { return false }
            if source.round(of: number) != round {
                round = source.round(of: number)
                // Times are told apart by their milliseconds.
                while WallClock.nanoseconds / 1_000_000 <= previous / 1_000_000 {
                    guard await pause(.milliseconds(1)) else { return false }
                }
            }
            previous = WallClock.nanoseconds
            let push = try source.push(number, now: previous)
            guard await deliver(push, number, end, ledger) else { return false }
            number += Int64(pace.connections)
        }
        return true
    }

    /// Waits until a push is due. False when it is past the end by then, or the task was cancelled.
    private func isTime(_ due: ContinuousClock.Instant, _ end: ContinuousClock.Instant?) async -> Bool {
        if let end, due >= end {
            _ = try? await Task.sleep(until: end, clock: clock)
            return false
        }
        if due > clock.now { return (try? await Task.sleep(until: due, clock: clock)) != nil }
        return !Task.isCancelled && (end.map { clock.now < $0 } ?? true)
    }

    /// Sends a push until it is taken or refused. False when the load is at its end.
    private func deliver(
        _ push: Push, _ number: Int64, _ end: ContinuousClock.Instant?, _ ledger: LoadLedger
    ) async -> Bool {
        // Servers that ask for patience without saying how much have little to do at once, and much in a second.
        let policy = RetryPolicy(initial: .milliseconds(50), maximum: .seconds(2), retryAfterMaximum: .seconds(60))
        var random = SystemRandomNumberGenerator()
        var attempts = 0
        ledger.begin(push)
        while true {
            let (outcome, time) = await client.send(push.body)
            // Who interrupts breaks requests off: that is nothing that the server did.
            if Task.isCancelled, case .failed = outcome { return false }
            switch ledger.note(outcome, push, number: number, time: time) {
            case .next: return true
            case .stop: return false
            case .pause: return await pause(.milliseconds(200))
            case .again(let after):
                attempts += 1
                let delay = policy.delay(failures: attempts, retryAfter: after, using: &random)
                if let end, clock.now + delay >= end { return false }
                ledger.waited(delay)
                guard await pause(delay) else { return false }
            }
        }
    }

    /// False when the task was cancelled.
    private func pause(_ duration: Duration) async -> Bool { (try? await Task.sleep(for: duration)) != nil }
}
