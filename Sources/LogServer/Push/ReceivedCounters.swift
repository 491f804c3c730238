import MartletCore
import Metrics

/// What was taken, by tenant: counters that are looked up once and not for every push.
final class ReceivedCounters: Sendable {
    private struct Values: Sendable {
        let lines: Counter
        let bytes: Counter
    }

    private let values = Lock<[String: Values]>([:])

    /// Counts a push. Of tenants that are stored, of whom there is a limit.
    func add(lines: Int, bytes: Int, tenant: String) {
        let values = values.withLock { values in
            if let known = values[tenant] { return known }
            let dimensions = [("tenant", tenant)]
            let made = Values(
                lines: Counter(label: "martlet_logs_received_lines_total", dimensions: dimensions),
                bytes: Counter(label: "martlet_logs_received_bytes_total", dimensions: dimensions))
            values[tenant] = made
            return made
        }
        values.lines.increment(by: lines)
        values.bytes.increment(by: bytes)
    }
}
