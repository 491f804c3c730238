/// Where a server takes data and where it answers, worked out from the URL that one types.
package struct Endpoints: Sendable, Hashable {
    /// What is asked how.
    package enum QueryAPI: Sendable, Hashable {
        /// PromQL through Prometheus' API, LogQL through Loki's, TraceQL through Tempo's, according to the signal.
        case original
        /// LogsQL through VictoriaLogs' API.
        case victoriaLogs
    }

    /// The whole URL that pushes go to.
    package let push: String
    /// What stands before the paths of queries.
    package let queryBase: String
    /// How it is asked.
    package let api: QueryAPI

    /// - Parameters:
    ///   - url: a server, with a prefix if it has one, or the whole URL of a push.
    ///   - queryURL: where it answers, if that cannot be told from the other.
    package init(_ url: String, _ signal: BenchSignal, queryURL: String? = nil) {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        if let path = signal.pushPaths.first(where: { base.hasSuffix($0) }) {
            push = base
            base.removeLast(path.utf8.count)
        } else {
            push = base + signal.pushPaths[0]
        }
        // VictoriaMetrics' family takes and answers below paths of its own.
        let isInsert = base.hasSuffix("/insert")
        api = isInsert && signal == .logs ? .victoriaLogs : .original
        if isInsert {
            base.removeLast("/insert".utf8.count)
        } else if let insert = base.firstRange(of: "/insert/") {
            base.replaceSubrange(insert, with: "/select/")
        }
        // OTLP has a port of its own.
        for port in signal == .traces ? [":4318", ":14318"] : [] where base.hasSuffix(port) {
            base = base.dropLast(port.utf8.count) + ":3200"
        }
        queryBase = queryURL ?? base
    }
}
