import MartletCore

/// How long the last evaluations took, for the quantiles that Prometheus shows.
package final class RuleDurations: Sendable {
    /// A sum, a count, and the newest values.
    package final class Summary: Sendable {
        private static let kept = 500

        private struct State {
            var values: [Double] = []
            var next = 0
            var sum = 0.0
            var count = 0
        }

        private let state = Lock(State())

        func add(_ seconds: Double) {
            state.withLock { state in
                state.sum += seconds
                state.count += 1
                if state.values.count < Self.kept {
                    state.values.append(seconds)
                } else {
                    state.values[state.next] = seconds
                    state.next = (state.next + 1) % Self.kept
                }
            }
        }

        /// Sum and count of all values, and quantiles of the newest (NaN while there are none).
        func read(_ quantiles: [Double]) -> (sum: Double, count: Int, quantiles: [Double]) {
            let (values, sum, count) = state.withLock { ($0.values.sorted(), $0.sum, $0.count) }
            let found = quantiles.map { quantile in
                values.isEmpty ? .nan : values[min(Int(Double(values.count) * quantile), values.count - 1)]
            }
            return (sum, count, found)
        }
    }

    package let rules = Summary()
    package let iterations = Summary()

    /// Nothing yet.
    package init() {}
}
