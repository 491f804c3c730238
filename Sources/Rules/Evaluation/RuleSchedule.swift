import MartletCore

/// When a group is evaluated: at its interval, at a phase that comes from its name, so that groups are spread evenly and
/// each keeps its times over restarts. All times are milliseconds since 1970.
package struct RuleSchedule: Sendable {
    package let intervalMs: Int64
    package let phaseMs: Int64

    /// The schedule of a group; the phase is Prometheus'.
    package init(file: String, group: String, intervalMs: Int64) {
        self.intervalMs = max(intervalMs, 1)
        let hash = Labels([("name", group), ("file", file)]).hash64
        let (interval, overflow) = UInt64(self.intervalMs).multipliedReportingOverflow(by: 1_000_000)
        phaseMs = overflow ? 0 : Int64(hash % interval / 1_000_000)
    }

    /// The first slot after a moment.
    package func first(after nowMs: Int64) -> Int64 {
        let shifted = nowMs - phaseMs
        return shifted - shifted % intervalMs + phaseMs + intervalMs
    }

    /// The slot to be evaluated after `slot` when it is `nowMs`, and how many are left out because they are over.
    package func next(after slot: Int64, nowMs: Int64) -> (slot: Int64, missed: Int64) {
        let steps = max((nowMs - slot) / intervalMs, 1)
        return (slot + steps * intervalMs, steps - 1)
    }
}
