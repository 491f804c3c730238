import NIOHTTP1
import Peers

/// Asks a server, and times the answers.
struct QueryRun: Sendable {
    private static let answerBytes = 256 << 20
    private static let form = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]
    private static let pause = Duration.milliseconds(200)

    let peer: Peer
    private let clock = ContinuousClock()

    init(_ peer: Peer) {
        self.peer = peer
    }

    /// Asks until the answer is right, or the time is over. Whether it was right.
    func settle(_ query: BenchQuery, until end: ContinuousClock.Instant) async throws -> Bool {
        while true {
            switch try await ask(query) {
            case .answered(_, .right): return true
            case .refused(_, isFinal: true): return false
            default: break
            }
            guard clock.now < end else { return false }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Asks so many times, one after the other. One that it refuses is asked once.
    func time(_ query: BenchQuery, repeats: Int) async throws -> QueryResult {
        var result = QueryResult(query)
        for _ in 0..<repeats {
            try Task.checkCancellation()
            switch try await ask(query) {
            case .answered(let time, .right): result.times.record(time)
            case .answered(_, let wrong): result.note(wrong)
            case .refused(let reason, _):
                result.outcome = .refused(reason: reason)
                return result
            }
        }
        return result
    }

    private enum Reply {
        case answered(Duration, BenchQuery.Verdict)
        /// And will it be, however often one asks?
        case refused(reason: String, isFinal: Bool)
    }

    private func ask(_ query: BenchQuery) async throws -> Reply {
        let start = clock.now
        let answer: Peer.Answer
        do {
            answer = try await exchange(query)
        } catch let failure as Peer.Failure {
            try Task.checkCancellation()
            return .refused(reason: failure.reason, isFinal: false)
        }
        let time = clock.now - start
        switch answer.status {
        case 200..<300: return .answered(time, query.verdict(answer.body))
        default:
            return .refused(
                reason: "status \(answer.status)\(answer.sentence.map { ": \($0)" } ?? "")",
                isFinal: answer.status < 500 && answer.status != 429)
        }
    }

    private func exchange(_ query: BenchQuery) async throws -> Peer.Answer {
        guard query.isForm else {
            return try await peer.answer(query.path, query.parameters, limit: Self.answerBytes)
        }
        let form = QueryParameter.encoded(query.parameters)
        return try await peer.answer(
            query.path, fields: Self.form, content: (.POST, Array(form.utf8)), limit: Self.answerBytes)
    }
}
