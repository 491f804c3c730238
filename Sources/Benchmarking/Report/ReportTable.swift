import MartletCore
import Service

/// A report for people: a column for each server.
package struct ReportTable: Sendable {
    private let report: BenchReport

    /// A table of a report.
    package init(_ report: BenchReport) {
        self.report = report
    }

    /// All lines, each with its end.
    package var text: String {
        var text = "run \(report.run): \(report.load)\n\n"
        text += loads
        let problems = report.servers.flatMap { server in
            server.load.problems.map { problem in
                "\(server.url): \(problem.kind) × \(problem.count)\(problem.text.isEmpty ? "" : ": \(problem.text)")"
            }
        }
        if !problems.isEmpty { text += "\n" + problems.joined(separator: "\n") + "\n" }
        if report.servers.contains(where: { !$0.queries.isEmpty }) { text += "\n" + queries }
        if report.servers.contains(where: \.isInterrupted) { text += "\ninterrupted\n" }
        return text
    }

    private var loads: String {
        let noun = report.signal.noun
        var table = TextTable([""] + report.servers.map { Self.host($0.url) })
        func row(_ name: String, _ value: (ServerReport) -> String?) {
            let cells = report.servers.map(value)
            if cells.contains(where: { $0 != nil }) { table.add([name] + cells.map { $0 ?? "-" }) }
        }
        row("\(noun) sent") { Self.count($0.load.sent.items) }
        row("acknowledged") { Self.count($0.load.items) }
        row("time") { Self.duration($0.load.elapsed.nanoseconds) }
        row("\(noun)/s") { Self.count(Int64($0.itemsPerSecond)) }
        row("before compression") { ByteSize.format(Int($0.load.rawBytes)) }
        row("  a second") { ByteSize.format(Int($0.rawBytesPerSecond)) }
        row("on the wire") { ByteSize.format(Int($0.load.wireBytes)) }
        row("pushes") { Self.count($0.load.pushes) }
        for (name, share) in Self.quantiles { row("  \(name)") { $0.load.latency.quantile(share).map(Self.duration) } }
        row("  max") { $0.load.latency.count > 0 ? Self.duration($0.load.latency.maximum) : nil }
        row("429 and 503") { $0.load.throttled > 0 ? Self.count($0.load.throttled) : nil }
        row("  waited") { $0.load.throttled > 0 ? Self.duration($0.load.waited.nanoseconds) : nil }
        row("CPU") { $0.load.process.map { Self.duration(Int64($0.cpuSeconds * 1e9)) } }
        row("  \(noun)/CPU s") { server in
            server.load.process.flatMap {
                $0.cpuSeconds > 0 ? Self.count(Int64(Double(server.load.items) / $0.cpuSeconds)) : nil
            }
        }
        row("peak memory") { $0.load.process.map { ByteSize.format(Int($0.peakBytes)) } }
        row("all in answers after") { server in
            server.queries.isEmpty ? nil : server.settled.map { Self.duration($0.nanoseconds) } ?? "never"
        }
        return table.text
    }

    private var queries: String {
        // Servers may answer different questions: VictoriaLogs does not know all.
        var names: [String] = []
        for query in report.servers.flatMap(\.queries) where !names.contains(query.name) { names.append(query.name) }
        let isAlone = report.servers.count == 1
        var table = TextTable(
            ["query"] + report.servers.flatMap { isAlone ? ["p50", "p99"] : [Self.host($0.url) + " p50", "p99"] })
        var notes = ""
        for name in names {
            var cells = [name]
            for server in report.servers {
                guard let query = server.queries.first(where: { $0.name == name }) else {
                    cells += ["-", "-"]
                    continue
                }
                let times = [0.5, 0.99].map { query.times.quantile($0).map(Self.duration) ?? "-" }
                cells += query.outcome == .right ? times : [Self.word(query.outcome), ""]
                if let note = Self.note(query) { notes += "\(isAlone ? "" : Self.host(server.url) + ": ")\(note)\n" }
            }
            table.add(cells)
        }
        return table.text + (notes.isEmpty ? "" : "\n" + notes)
    }

    static let quantiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)]

    private static func word(_ outcome: QueryResult.Outcome) -> String {
        switch outcome {
        case .right: ""
        case .wrong: "wrong"
        case .refused: "refused"
        }
    }

    private static func note(_ query: QueryResult) -> String? {
        switch query.outcome {
        case .right: nil
        case .wrong(let got, let expected): "\(query.name): got \(got), expected \(expected), from \(query.text)"
        case .refused(let reason): "\(query.name): \(reason), to \(query.text)"
        }
    }

    /// A URL without its scheme.
    private static func host(_ url: String) -> String {
        url.firstRange(of: "://").map { String(url[$0.upperBound...]) } ?? url
    }

    /// `1234567` as `1,234,567`.
    static func count(_ number: Int64) -> String {
        var digits = Array(String(number))
        var place = digits.count - 3
        while place > (number < 0 ? 1 : 0) {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    /// Three digits or so: `1.23s`, `71.5ms`, `12.3µs`.
    static func duration(_ nanoseconds: Int64) -> String {
        let unit: Int64 =
            switch nanoseconds {
            case ..<1_000: 1
            case ..<10_000: 10
            case ..<100_000: 100
            case ..<1_000_000: 1_000
            case ..<10_000_000: 10_000
            case ..<100_000_000: 100_000
            case ..<1_000_000_000: 1_000_000
            case ..<100_000_000_000: 10_000_000
            default: 1_000_000_000
            }
        return GoDuration.format((nanoseconds + unit / 2) / unit * unit)
    }
}
