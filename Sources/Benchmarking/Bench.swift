import Service

/// Loads servers, one after the other, asks them about it, and says what they took and how long.
package struct Bench: Sendable {
    private let load: BenchLoad
    private let pace: LoadPace
    private let repeats: Int
    private let settleLimit: Duration
    private let showsProgress: Bool

    /// - Parameters:
    ///   - repeats: how often each query is asked; 0 for no queries.
    ///   - settleLimit: how long a server may take until all that it acknowledged is in its answers.
    package init(
        _ load: BenchLoad, _ pace: LoadPace, repeats: Int, settleLimit: Duration, showsProgress: Bool
    ) {
        self.load = load
        self.pace = pace
        self.repeats = repeats
        self.settleLimit = settleLimit
        self.showsProgress = showsProgress
    }

    /// Measures a server. When the task is cancelled the load ends and there are no more queries; there is a report all the same.
    package func measure(_ server: BenchServer) async throws -> ServerReport {
        let source = load.source
        let client = PushClient(server.push, url: server.endpoints.push, headers: source.headers)
        let progress = LoadProgress(
            noun: load.signal.noun, total: source.pushes.map { Int64(Double($0) * source.itemsPerPush) },
            duration: pace.duration)
        let run = LoadRun(source, client, pace, pids: server.pids, progress: showsProgress ? progress : nil)
        let result = try await run.run()
        var report = ServerReport(server.url, result)
        guard repeats > 0, result.pushes > 0, !Task.isCancelled else {
            report.isInterrupted = Task.isCancelled
            return report
        }
        do {
            try await ask(server, &report)
        } catch is CancellationError {
            report.isInterrupted = true
        }
        return report
    }

    private func ask(_ server: BenchServer, _ report: inout ServerReport) async throws {
        let asking = QueryRun(server.query)
        let queries = load.queries(report.load, server.endpoints.api)
        // What servers keep from answers at first is not wrong yet.
        let clock = ContinuousClock()
        let start = clock.now
        var isSettled = true
        for query in queries {
            say("waiting for: \(query.name)")
            isSettled = try await asking.settle(query, until: start + settleLimit) && isSettled
        }
        if isSettled { report.settled = clock.now - start }
        for query in queries {
            say("asking: \(query.name)")
            report.queries.append(try await asking.time(query, repeats: repeats))
        }
        say("")
    }

    private func say(_ text: String) {
        if showsProgress { StandardError.write("\r\(text)\u{1B}[K") }
    }
}
