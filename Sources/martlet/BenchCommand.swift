import ArgumentParser
import Benchmarking
import Peers
import Service

/// `martlet bench`: measures how much a server takes, and how fast it answers.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Load servers through their public protocols, ask them about it, and time both.",
        discussion: """
            It writes into the servers that are named. Its data has the job martlet-bench (services: martlet-bench-…) and the \
            name of the run. Prometheus, VictoriaMetrics, Loki, VictoriaLogs and Tempo are measured as well.
            """,
        subcommands: [Metrics.self, Logs.self, Traces.self])

    /// The flags that all loads have.
    struct Options: ParsableArguments {
        @Argument(
            help: ArgumentHelp(
                "Servers, which are measured one after the other: http://HOST:PORT, or the whole URL of a push.",
                valueName: "url"))
        var urls: [String]

        @Option(
            help: ArgumentHelp(
                "Samples, lines or spans a second, over all connections.", value: .count,
                default: "as many as the server takes"))
        var rate: Double?

        @Option(
            help: ArgumentHelp(
                "How long data is sent. Without --count its times are the present then.", value: .duration))
        var duration: FlagDuration?

        @Option(
            help: ArgumentHelp(
                "Samples, lines or spans in all; their times lie in the past hour.", value: .count,
                default: "an hour of 10000 series, 1000000 lines or 200000 spans; none with --duration"))
        var count: Int64?

        @Option(help: ArgumentHelp("Connections that send at the same time.", value: .count))
        var connections = 4

        @Option(
            help: ArgumentHelp(
                "Samples, lines or spans in a push.", value: .count, default: "2000, 1000 and 500"))
        var batch: Int?

        @Option(
            help: ArgumentHelp("Labels, or attributes of spans, beyond those that all have.", value: .count))
        var labels = 0

        @Option(help: ArgumentHelp("How often each query is asked; 0 asks none.", value: .count))
        var queries = 5

        @Option(
            help: ArgumentHelp(
                "How long a server may take until all that it acknowledged is in its answers.", value: .duration))
        var settle = FlagDuration(milliseconds: 60_000)

        @Option(
            name: .customLong("query-url"),
            help: ArgumentHelp(
                "Where a server answers, if not where it takes data; once for each server, in their order.",
                value: .url))
        var queryURLs: [String] = []

        @Option(
            name: .customLong("pid"),
            help: ArgumentHelp(
                "Process of a server on this machine, whose CPU and memory are told; with several servers once for each.",
                value: .count))
        var pids: [Int32] = []

        @Option(help: ArgumentHelp("Name of the run, by which its data is found.", value: .text, default: "random"))
        var run: String?

        @Option(
            help: ArgumentHelp("Decides about values, lines and spans: the same seed, the same data.", value: .count))
        var seed: UInt64 = 1

        @Option(help: ArgumentHelp("text: a table, or json: an object.", value: .format))
        var output = Output.text

        @OptionGroup var login: LoginOptions<OnlyServer>

        mutating func validate() throws {
            if urls.isEmpty { throw ValidationError("say which server, such as http://127.0.0.1:9090") }
            if let rate, !(0.001...1e12 ~= rate) { throw ValidationError("--rate must be 0.001 to 1000000000000") }
            if let duration, duration.milliseconds <= 0 { throw ValidationError("--duration must be longer than 0") }
            if let count, !(1...1_000_000_000_000).contains(count) {
                throw ValidationError("--count must be 1 to 1000000000000")
            }
            // The client has no more.
            if !(1...64).contains(connections) { throw ValidationError("--connections must be 1 to 64") }
            if let batch, !(1...1_000_000).contains(batch) { throw ValidationError("--batch must be 1 to 1000000") }
            if !(0...100).contains(labels) { throw ValidationError("--labels must be 0 to 100") }
            if queries < 0 { throw ValidationError("--queries must not be negative") }
            if !queryURLs.isEmpty, queryURLs.count != urls.count {
                throw ValidationError("--query-url must be given once for each server")
            }
            if urls.count > 1, !pids.isEmpty, pids.count != urls.count {
                throw ValidationError("with several servers, --pid must be given once for each")
            }
            if let run, run.isEmpty || !run.utf8.allSatisfy(Self.isPlain) {
                throw ValidationError("--run takes letters, digits, - and _")
            }
        }

        /// A run's name stands in queries and labels as it is.
        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }

        var pace: LoadPace {
            LoadPace(connections: connections, rate: rate, duration: duration.map { .milliseconds($0.milliseconds) })
        }

        /// How many there are in all; nil where only time ends it.
        func total(_ standard: Int64) -> Int64? { count ?? (duration == nil ? standard : nil) }

        /// The end of a sentence about a load.
        var paceText: String {
            let rate = rate.map { "at \($0 == $0.rounded() ? "\(Int64($0))" : "\($0)") a second" } ?? "at full speed"
            let time = duration.map { " for \($0) at most" } ?? ""
            return "\(connections == 1 ? "1 connection" : "\(connections) connections") \(rate)\(time)"
        }

        /// Measures all servers and prints the report.
        /// - Parameters:
        ///   - text: what the load is.
        ///   - load: makes it, for a run of a name, at a time (Unix nanoseconds).
        func measure(
            _ signal: BenchSignal, _ text: String,
            _ load: @escaping @Sendable (_ run: String, _ now: Int64) -> BenchLoad
        ) async throws {
            var random = SystemRandomNumberGenerator()
            let run = run ?? Marks.run(&random)
            let servers = try servers(signal)
            let (pace, repeats, settle) = (pace, queries, Duration.milliseconds(settle.milliseconds))
            let showsProgress = StandardError.isTerminal
            let empty = BenchReport(signal, run: run, load: "\(text), \(paceText)")
            let report = try await Interruption.ends {
                var report = empty
                for server in servers where !Task.isCancelled {
                    StandardError.write("martlet: writing \(signal.noun) of run \(run) into \(server.endpoints.push)\n")
                    let bench = Bench(
                        load(run, WallClock.nanoseconds), pace, repeats: repeats, settleLimit: settle,
                        showsProgress: showsProgress)
                    report.servers.append(try await bench.measure(server))
                }
                return report
            }
            switch output {
            case .text:
                // Where nothing was taken there is nothing to show but why.
                if report.servers.contains(where: { $0.load.items > 0 }) {
                    StandardOutput.write(ReportTable(report).text)
                }
            case .json: StandardOutput.write(String(decoding: ReportJSON(report).bytes, as: UTF8.self) + "\n")
            }
            let failures = report.servers.compactMap(\.failure)
            if !failures.isEmpty { throw ToolError(failures.joined(separator: "; ")) }
        }

        private func servers(_ signal: BenchSignal) throws -> [BenchServer] {
            try urls.enumerated().map { place, url in
                let endpoints = Endpoints(url, signal, queryURL: queryURLs.isEmpty ? nil : queryURLs[place])
                return BenchServer(
                    url: url, endpoints: endpoints, push: try login.peer(endpoints.push),
                    query: try login.peer(endpoints.queryBase),
                    pids: urls.count == 1 || pids.isEmpty ? pids : [pids[place]])
            }
        }
    }

    /// How the report is written.
    enum Output: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text
        case json
    }

    /// `martlet bench metrics`.
    struct Metrics: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "metrics", abstract: "Send samples by remote write, and ask in PromQL.")

        @Option(help: ArgumentHelp("Series that are sampled.", value: .count))
        var series = 10_000

        @Option(
            help: ArgumentHelp(
                "Distance of the samples of a series, with --count.", value: .duration,
                default: "15s, or less where that would be more than 55m in all"))
        var interval: FlagDuration?

        @OptionGroup var options: Options

        func validate() throws {
            if !(1...100_000_000).contains(series) { throw ValidationError("--series must be 1 to 100000000") }
            // Samples that are five minutes old are none any more.
            if let interval, !(1...120_000).contains(interval.milliseconds) {
                throw ValidationError("--interval must be 1ms to 2m")
            }
        }

        func run() async throws {
            let standard = interval?.milliseconds ?? 15_000
            let total = options.total(Int64(series) * max(1, PastOptions.milliseconds / standard))
            let series = total.map { Int(min(Int64(self.series), $0)) } ?? self.series
            let rounds = total.map { ($0 + Int64(series) - 1) / Int64(series) }
            let distance = interval?.milliseconds ?? min(standard, max(1, PastOptions.milliseconds / (rounds ?? 1)))
            let (options, interval) = (options, distance * 1_000_000)
            guard (rounds ?? 0) <= WallClock.nanoseconds / interval else {
                throw UsageError("so many samples of each series would begin before 1970: use a smaller --interval")
            }
            let text =
                "\(series) series"
                + (rounds.map { ", \($0) samples of each, \(FlagDuration(milliseconds: distance)) apart" } ?? "")
            try await options.measure(.metrics, text) { run, now in
                let times = rounds.map { TimeSpread(start: now - $0 * interval, length: $0 * interval, count: $0) }
                return .metrics(
                    MetricLoad(
                        .init(
                            series: series, batch: options.batch ?? 2000, labels: options.labels, rounds: rounds,
                            times: times, connections: options.connections, run: run, seed: options.seed)))
            }
        }
    }

    /// `martlet bench logs`.
    struct Logs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logs", abstract: "Send lines by Loki's push, and ask in LogQL.")

        @Option(help: ArgumentHelp("Streams that have lines.", value: .count))
        var streams = 100

        @Option(name: .customLong("line-bytes"), help: ArgumentHelp("Length that a line has at least.", value: .size))
        var lineBytes = FlagByteSize(bytes: 0)

        @OptionGroup var past: PastOptions
        @OptionGroup var options: Options

        func validate() throws {
            if !(1...10_000_000).contains(streams) { throw ValidationError("--streams must be 1 to 10000000") }
            if lineBytes.bytes > 1 << 20 { throw ValidationError("--line-bytes must be 1MiB at most") }
            if lineBytes.bytes * (options.batch ?? 1000) > 1 << 28 {
                throw ValidationError("a push of --batch lines of --line-bytes must be 256MiB at most")
            }
        }

        func run() async throws {
            let lines = options.total(1_000_000)
            let (options, past, streams, lineBytes) = (options, past, streams, lineBytes.bytes)
            let text = "\(streams) streams" + (lines.map { ", \($0) lines \(past.text)" } ?? "")
            try await options.measure(.logs, text) { run, now in
                .logs(
                    LogLoad(
                        .init(
                            streams: streams, batch: options.batch ?? 1000, lineBytes: lineBytes,
                            labels: options.labels, lines: lines, times: lines.map { past.times($0, now) }, run: run,
                            seed: options.seed)))
            }
        }
    }

    /// `martlet bench traces`.
    struct Traces: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "traces", abstract: "Send spans by OTLP over HTTP, and ask by id and in TraceQL.",
            discussion: "Answers are asked for at port 3200 where spans go to 4318; --query-url names another place.")

        @Option(help: ArgumentHelp("Services that have spans.", value: .count))
        var services = 8

        @Option(help: ArgumentHelp("Spans of a trace, on average.", value: .count))
        var spans = 8

        @OptionGroup var past: PastOptions
        @OptionGroup var options: Options

        func validate() throws {
            if !(1...1000).contains(services) { throw ValidationError("--services must be 1 to 1000") }
            if !(1...10_000).contains(spans) { throw ValidationError("--spans must be 1 to 10000") }
        }

        func run() async throws {
            let total = options.total(200_000)
            let (options, past, services, spans) = (options, past, services, spans)
            let text = "\(services) services" + (total.map { ", \($0) spans \(past.text)" } ?? "")
            try await options.measure(.traces, text) { run, now in
                let load = TraceLoad(
                    .init(
                        services: services, spansPerTrace: spans, batch: options.batch ?? 500,
                        attributes: options.labels, traces: nil, times: nil, run: run, seed: options.seed))
                guard let traces = total.map({ load.traces(ofSpans: $0) }) else { return .traces(load) }
                return .traces(load.ending(after: traces, times: past.times(traces, now)))
            }
        }
    }

    /// The flag about the time that lines and spans cover.
    struct PastOptions: ParsableArguments {
        /// How far data reaches back: servers refuse samples that are an hour older than their newest.
        static let milliseconds: Int64 = 3_300_000

        @Option(help: ArgumentHelp("Time up to now that the data covers, with --count.", value: .duration))
        var over = FlagDuration(milliseconds: milliseconds)

        func validate() throws {
            if !(1...315_360_000_000).contains(over.milliseconds) { throw ValidationError("--over must be 1ms to 10y") }
        }

        var text: String { "over \(over)" }

        func times(_ count: Int64, _ now: Int64) -> TimeSpread {
            let length = over.milliseconds * 1_000_000
            return TimeSpread(start: now - length, length: length, count: count)
        }
    }
}
