/// What a benchmark sends.
package enum BenchSignal: String, Sendable, CaseIterable {
    case metrics
    case logs
    case traces

    /// What is counted.
    package var noun: String {
        switch self {
        case .metrics: "samples"
        case .logs: "lines"
        case .traces: "spans"
        }
    }

    /// Paths of the protocol, the usual one first: a URL that ends with one of them is taken as it is.
    var pushPaths: [String] {
        switch self {
        case .metrics: ["/api/v1/write", "/api/v1/push"]
        case .logs: ["/loki/api/v1/push"]
        case .traces: ["/v1/traces"]
        }
    }
}
