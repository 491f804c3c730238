import Durable
import MetricStorage
import MetricTools
import Testing

@Suite("OpenMetrics text into blocks")
struct OpenMetricsImportTests {
    /// Imports a text that comes in pieces of `step` bytes.
    private static func run(_ text: String, step: Int = 7, into path: String) throws -> [BlockMeta] {
        var work = OpenMetricsImport(of: "input.om", into: try BlockImport(into: path, nowMs: 0))
        do {
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: step) {
                try work.take(Array(bytes[start..<min(start + step, bytes.count)]))
            }
            return try work.finish()
        } catch {
            work.abandon()
            throw error
        }
    }

    @Test("a text is the same in pieces of any size", arguments: [1, 7, 64, 100_000])
    func pieces(step: Int) throws {
        let directory = try TemporaryDirectory()
        let text = """
            # HELP http_requests_total The total.
            # TYPE http_requests counter
            http_requests_total{code="200",path="/a\\"b\\\\c\\n"} 1 1600000000
            http_requests_total{path="/a\\"b\\\\c\\n",code="200"} 2 1600000060.5
            http_requests_total{code="500"} 1e3 1600000000 # {trace_id="x"} 1 1600000000
            other NaN 1600000000
            # TYPE latency histogram
            latency_bucket{le="1"} 1 1600000000
            latency_bucket{le="1.0"} 1 1600000060
            # EOF

            """
        let blocks = try Self.run(text, step: step, into: directory.path)
        #expect(blocks.map(\.stats.samples) == [6])
        // Neither the order of labels in the text nor the spelling of a bound makes another series.
        #expect(blocks.map(\.stats.series) == [4])
        #expect(blocks.map(\.minTime) == [1_600_000_000_000])
        #expect(blocks.map(\.maxTime) == [1_600_000_060_501])
    }

    @Test(
        "a mistake is named with its line, and nothing is written",
        arguments: [
            ("a 1 1\nb{x=\"1\"} 1\n# EOF\n", "input.om:2: the sample has no timestamp"),
            ("a 1 1\na z 2\n# EOF\n", "input.om:2: invalid value \"z\""),
            ("a 1 1\n\n# EOF\n", "input.om:2: unexpected blank at the start of a line"),
            ("a 1 1\n", "input.om:2: data does not end with # EOF"),
            ("a 1 1\n# EOF\na 1 2\n", "input.om:3: unexpected data after # EOF"),
            ("{x=\"1\"} 1 1\n# EOF\n", "input.om:1: the sample has no metric name"),
            ("a 1 1\nc{x=\"1\",x=\"2\"} 1 1\n# EOF\n", "input.om:2: label name \"x\" is not unique"),
        ])
    func mistakes(text: String, message: String) throws {
        for step in [3, 1000] {
            let directory = try TemporaryDirectory()
            let error = try #require(throws: ImportError.self) { try Self.run(text, step: step, into: directory.path) }
            #expect(error.description == message)
            #expect(try DiskFileSystem().list(directory.path).isEmpty)
        }
    }

    @Test("a line without end costs bounded memory")
    func endless() throws {
        let directory = try TemporaryDirectory()
        var work = OpenMetricsImport(of: "input.om", into: try BlockImport(into: directory.path, nowMs: 0))
        let piece = [UInt8](repeating: 97, count: 1 << 20)
        #expect(throws: ImportError.self) { for _ in 0..<20 { try work.take(piece) } }
        work.abandon()
        #expect(try DiskFileSystem().list(directory.path).isEmpty)
    }
}
