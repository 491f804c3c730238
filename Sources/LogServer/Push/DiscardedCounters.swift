import MartletCore
import Metrics

/// What was not taken, by tenant and reason.
final class DiscardedCounters: Sendable {
    /// Lines and bytes that were not taken.
    typealias Amounts = [PushProblem.Reason: (lines: Int, bytes: Int)]

    /// Tenants of whom nothing is stored that are counted by name: whoever invents names must not fill the metrics with them.
    private static let mostNames = 100

    private let names = Lock<Set<String>>([])

    /// Counts what was not taken of a push; under no tenant's name where there are too many of whom nothing is stored.
    func add(_ amounts: Amounts, tenant: String, isStored: Bool) {
        guard !amounts.isEmpty else { return }
        let name = isStored || isNamed(tenant) ? tenant : ""
        for (reason, amount) in amounts {
            let dimensions = [("tenant", name), ("reason", reason.rawValue)]
            Counter(label: "martlet_logs_discarded_lines_total", dimensions: dimensions).increment(by: amount.lines)
            Counter(label: "martlet_logs_discarded_bytes_total", dimensions: dimensions).increment(by: amount.bytes)
        }
    }

    private func isNamed(_ tenant: String) -> Bool {
        names.withLock { names in
            if names.count < Self.mostNames { names.insert(tenant) }
            return names.contains(tenant)
        }
    }
}
