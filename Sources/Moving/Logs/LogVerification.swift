import MartletCore
import Peers
import Service

/// Counts the moved lines of each day on both sides.
struct LogVerification {
    /// A day on which the two sides differ, or could not be counted.
    struct Difference {
        /// Unix day.
        let day: Int64
        /// Lines of the old server and of the new one; nil where it could not be counted.
        let source: Int64?
        let target: Int64?
        /// Lines that the move has counted.
        let moved: Int64
        var reason: String?

        /// Whether lines are missing, as far as is known.
        var isLoss: Bool { target.map { $0 < max(source ?? 0, moved) } ?? false }

        /// Whether nothing can be said of what is there.
        var isUnknown: Bool { target == nil }

        var text: String {
            let count = { (count: Int64?) in count.map { "\($0)" } ?? "not counted" }
            let text =
                "\(MoveDay.text(day)): \(count(source)) lines in the old server, \(moved) moved, \(count(target)) in the new one"
            return text + (reason.map { " (\($0))" } ?? "")
        }
    }

    let source: LokiPeer
    let target: LokiPeer
    let state: LogMoveState
    /// Unix seconds; days that begin before it are not counted, since the target is forgetting them.
    let horizon: Int64
    let patience: Patience

    /// Days on which the sides differ, and the lines of all days in the target.
    func run(_ bar: inout ProgressBar) async throws -> (differences: [Difference], lines: Int64) {
        var differences: [Difference] = []
        var lines: Int64 = 0
        var day = LogMoveState.day(of: state.from * 1_000_000_000)
        if horizon > state.from { day = LogMoveState.day(of: horizon * 1_000_000_000) + 1 }
        while day * 86_400 < state.until {
            let range = (max(state.from, day * 86_400), min(state.until, (day + 1) * 86_400))
            let moved = state.days[day] ?? 0
            var reason: String?
            let old = await count(source, range, &reason)
            let new = await count(target, range, &reason)
            try Task.checkCancellation()
            lines += new ?? 0
            if old != moved || new != moved {
                differences.append(Difference(day: day, source: old, target: new, moved: moved, reason: reason))
            }
            bar.update(range.1 - state.from, lines, "lines counted")
            day += 1
        }
        bar.finish(state.until - state.from, lines, "lines counted")
        return (differences, lines)
    }

    /// The lines of all groups; where a whole day is too much, the lines of its hours.
    private func count(_ peer: LokiPeer, _ range: (Int64, Int64), _ reason: inout String?) async -> Int64? {
        do {
            return try await count(peer, range, step: range.1 - range.0)
        } catch {
            guard let lines = try? await count(peer, range, step: 3600) else {
                reason = "\(error)"
                return nil
            }
            return lines
        }
    }

    private func count(_ peer: LokiPeer, _ range: (Int64, Int64), step: Int64) async throws -> Int64 {
        var lines: Int64 = 0
        for group in state.groups {
            var start = range.0
            while start < range.1 {
                let end = min(range.1, start + max(step, 1))
                lines += try await peer.count(group, from: start, until: end, patience)
                start = end
            }
        }
        return lines
    }
}
