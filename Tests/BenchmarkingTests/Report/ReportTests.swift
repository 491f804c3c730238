import Benchmarking
import MartletCore
import Testing

@Suite("Report")
struct ReportTests {
    private func server(_ url: String, items: Int64 = 1_234_000) -> ServerReport {
        var load = LoadResult()
        load.sent = Tally(items: 1_234_000)
        load.acknowledged = Tally(items: items)
        load.items = items
        load.pushes = 1000
        load.rawBytes = 100 << 20
        load.wireBytes = 10 << 20
        load.elapsed = .seconds(2)
        for milliseconds in 1...10 { load.latency.record(.milliseconds(milliseconds)) }
        return ServerReport(url, load)
    }

    private func lines(_ servers: [ServerReport]) -> [String] {
        var report = BenchReport(.metrics, run: "r1", load: "10 series")
        report.servers = servers
        return ReportTable(report).text.split(separator: "\n").map(String.init)
    }

    @Test("The table says what was acknowledged, how fast, and how long pushes took")
    func table() {
        let lines = lines([server("http://a:1")])
        #expect(lines[0] == "run r1: 10 series")
        #expect(lines.contains("acknowledged        1,234,000"))
        #expect(lines.contains("samples/s           617,000"))
        #expect(lines.contains("  a second          50MiB"))
        #expect(lines.contains("  max               10ms"))
        #expect(!lines.contains { $0.contains("429") || $0.contains("CPU") || $0.contains("query") })
    }

    @Test("Servers stand side by side")
    func columns() {
        let lines = lines([server("http://a:1"), server("http://b:2", items: 617_000)])
        #expect(lines[1] == "                    a:1          b:2")
        #expect(lines.contains("acknowledged        1,234,000    617,000"))
    }

    @Test("Processes and throttling are told where there are any")
    func further() {
        var report = server("http://a:1")
        var load = report.load
        load.process = ProcessUse(cpuSeconds: 0.5, peakBytes: 64 << 20)
        load.throttled = 3
        load.waited = .seconds(4)
        load.note("429", 3, "slow down")
        report = ServerReport("http://a:1", load)
        let lines = lines([report])
        #expect(lines.contains("  samples/CPU s     2,468,000"))
        #expect(lines.contains("peak memory         64MiB"))
        #expect(lines.contains("  waited            4s"))
        #expect(lines.contains("http://a:1: 429 × 3: slow down"))
    }

    @Test("Nothing that was taken is a failure, with what to do about it")
    func failures() throws {
        var load = LoadResult()
        load.end = .unreachable(reason: "connection refused")
        #expect(
            ServerReport("http://a:1", load).failure
                == "http://a:1: connection refused: does the server run, and are host and port right?")
        load.end = .refused(status: 401, reason: "no")
        let text = try #require(ServerReport("http://a:1", load).failure)
        #expect(text.hasPrefix("http://a:1 answers 401 to all pushes (no): ") && text.contains("--token"))
        #expect(server("http://a:1").failure == nil)
    }

    @Test("JSON has the same figures in seconds and bytes")
    func json() throws {
        var report = BenchReport(.metrics, run: "r1", load: "10 series")
        report.servers = [server("http://a:1")]
        let document = try JSONValue(parsing: ReportJSON(report).bytes)
        #expect(document["run"] == "r1")
        let server = try #require(document["servers"]?[0])
        #expect(server["acknowledged"]?.int64 == 1_234_000)
        #expect(server["per_second"]?.double == 617_000)
        #expect(server["push_seconds"]?["max"]?.double == 0.01)
        #expect(server["settled_seconds"]?.isNull == true)
        #expect(server["cpu_seconds"] == nil)
    }
}
