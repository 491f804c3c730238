/// A load of one of the signals.
package enum BenchLoad: Sendable {
    case metrics(MetricLoad)
    case logs(LogLoad)
    case traces(TraceLoad)

    /// What is sent.
    package var signal: BenchSignal {
        switch self {
        case .metrics: .metrics
        case .logs: .logs
        case .traces: .traces
        }
    }

    /// Makes the requests.
    package var source: any PushSource {
        switch self {
        case .metrics(let load): load
        case .logs(let load): load
        case .traces(let load): load
        }
    }

    /// The questions about what was sent, the one for the number of all first; none when nothing was sent.
    package func queries(_ result: LoadResult, _ api: Endpoints.QueryAPI) -> [BenchQuery] {
        switch (self, api) {
        case (.metrics(let load), _): MetricQueries(load, result)?.all ?? []
        case (.logs(let load), .original): LogQueries(load, result)?.all ?? []
        case (.logs(let load), .victoriaLogs): LogsQLQueries(load, result)?.all ?? []
        case (.traces(let load), _): TraceQueries(load, result)?.all ?? []
        }
    }
}
