import Peers
import Service

/// Counts the spans of each day on both sides.
struct SpanVerification {
    /// What was found.
    struct Report {
        /// One for each day on which the sides differ, and for what could not be counted.
        var lines: [String] = []
        /// Days on which spans are missing.
        var lost = 0
        /// Spans of the target.
        var spans: Int64 = 0
    }

    let source: TempoPeer
    let target: TempoPeer
    let state: TraceMoveState
    let patience: Patience

    func run(_ bar: inout ProgressBar) async throws -> Report {
        var report = Report()
        var countsSource = true
        var day = state.from / 86_400
        while day * 86_400 < state.until {
            let start = max(state.from, day * 86_400)
            let end = min(state.until, (day + 1) * 86_400)
            let moved = state.days[day] ?? 0
            var old: Int64?
            if countsSource {
                do {
                    old = try await source.spans(from: start, until: end, patience)
                } catch let error as ToolError {
                    // Tempo counts spans only where its metrics are turned on.
                    countsSource = false
                    report.lines.append("the spans of the old server are not counted: \(error)")
                }
            }
            let new = try await target.spans(from: start, until: end, patience)
            report.spans += new
            if new != moved || old ?? moved != moved {
                let text = old.map { "\($0)" } ?? "not counted"
                report.lines.append(
                    "\(MoveDay.text(day)): \(text) spans in the old server, \(moved) moved, \(new) in the new one")
            }
            if new < max(moved, old ?? 0) { report.lost += 1 }
            bar.update(end - state.from, report.spans, "spans counted")
            day += 1
        }
        bar.finish(state.until - state.from, report.spans, "spans counted")
        return report
    }
}
