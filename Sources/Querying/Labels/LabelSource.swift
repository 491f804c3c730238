import ArgumentParser
import Peers

/// Whose labels are listed.
enum LabelSource: String, ExpressibleByArgument, CaseIterable, Sendable {
    case metrics
    case logs
    case traces

    /// The usual port of its server.
    var port: Int {
        switch self {
        case .metrics: 9090
        case .logs: 3100
        case .traces: 3200
        }
    }

    /// What stands before the names of its calls.
    var path: String {
        switch self {
        case .metrics: "/api/v1"
        case .logs: "/loki/api/v1"
        case .traces: "/api/v2/search"
        }
    }

    /// The parameter that narrows the list.
    var filter: String {
        switch self {
        case .metrics: "match[]"
        case .logs: "query"
        case .traces: "q"
        }
    }

    /// The parameters of a range of Unix nanoseconds.
    func times(_ range: Range<Int64>) -> [(String, String)] {
        switch self {
        case .metrics:
            [
                ("start", QueryParameter.seconds(range.lowerBound)), ("end", QueryParameter.seconds(range.upperBound)),
            ]
        case .logs: [("start", "\(range.lowerBound)"), ("end", "\(range.upperBound)")]
        case .traces:
            // Whole seconds, the last one included.
            [
                ("start", "\(range.lowerBound / 1_000_000_000)"),
                ("end", "\((range.upperBound - 1) / 1_000_000_000 + 1)"),
            ]
        }
    }
}
