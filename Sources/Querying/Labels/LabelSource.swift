import ArgumentParser

/// Whose labels are listed.
enum LabelSource: String, ExpressibleByArgument, CaseIterable, Sendable {
    case metrics
    case logs

    /// The usual port of its server.
    var port: Int {
        switch self {
        case .metrics: 9090
        case .logs: 3100
        }
    }

    /// What stands before the names of its calls.
    var path: String {
        switch self {
        case .metrics: "/api/v1"
        case .logs: "/loki/api/v1"
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
        }
    }
}
