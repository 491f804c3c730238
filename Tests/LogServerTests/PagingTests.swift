import LogServer
import MartletCore
import Testing

@Suite("Log queries page by page and as streams")
struct PagingTests {
    private static let path = "/loki/api/v1/query_range"

    private func filled(_ count: Int = 25, _ change: (inout LogConfig) -> Void = { _ in }) async throws -> LogsClient {
        let client = try await LogsClient {
            $0.limits.discoverServiceName = []
            $0.limits.discoversLogLevels = false
            change(&$0)
        }
        // Five lines have the same time.
        let values = (0..<count).map { "[\"\(LogsClient.now - 60_000_000_000 + Int64($0 / 5))\",\"line \($0)\"]" }
        let body = #"{"streams":[{"stream":{"app":"x"},"values":["# + values.joined(separator: ",") + "]}]}"
        #expect(try await client.post("/loki/api/v1/push", Array(body.utf8)).status == 204)
        return client
    }

    @Test("give every line once, page by page, and end")
    func pages() async throws {
        let client = try await filled()
        var lines: [String] = []
        var cursor: String? = ""
        var pages = 0
        while let place = cursor, pages < 30 {
            let path = Self.path + "?query=%7Bapp%3D%22x%22%7D&limit=7&cursor=\(place)"
            let data = try await client.get(path).json["data"]
            lines += data?["result"]?[0]?["values"]?.array?.compactMap { $0[1]?.string } ?? []
            cursor = data?["cursor"]?.string
            pages += 1
        }
        #expect(pages == 4)
        #expect(lines.count == 25)
        #expect(Set(lines) == Set((0..<25).map { "line \($0)" }))
        await client.stop()
    }

    @Test("have no cursor unless it is asked for")
    func unasked() async throws {
        let client = try await filled()
        let answer = try await client.get(Self.path, [("query", #"{app="x"}"#), ("limit", "2")])
        #expect(try answer.json["data"]?["cursor"] == nil)
        await client.stop()
    }

    private func stream(_ client: LogsClient, _ more: [(String, String)] = []) async throws -> [JSONValue] {
        let answer = try await client.get(
            Self.path, [("query", #"{app="x"}"#)] + more, headers: [("Accept", "application/x-ndjson")])
        return try answer.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }

    @Test("stream all lines as JSON objects, more than an answer may have")
    func streaming() async throws {
        let client = try await filled(10_000) { $0.limits.maxEntriesPerQuery = 50 }
        let lines = try await stream(client, [("direction", "forward")])
        #expect(lines.count == 10_000)
        #expect(Set(lines.compactMap { $0["line"]?.string }).count == 10_000)
        let times = lines.compactMap { $0["timestamp"]?.string }
        #expect(times == times.sorted())
        #expect(lines[0]["stream"]?["app"]?.string == "x")
        await client.stop()
    }

    @Test("stream fewer lines at a time where they are so long that more do not fit in memory")
    func longLines() async throws {
        let client = try await LogsClient(memory: 20 << 20) { $0.limits.discoversLogLevels = false }
        let line = String(repeating: "long line ", count: 20_000)
        for number in 1...90 {
            let body =
                "{\"streams\":[{\"stream\":{\"app\":\"x\"},\"values\":[[\"\(LogsClient.now - Int64(number))\",\"\(line)\"]]}]}"
            #expect(try await client.post("/loki/api/v1/push", Array(body.utf8)).status == 204)
        }
        let answer = try await client.get(
            Self.path, [("query", #"{app="x"}"#)], headers: [("Accept", "application/x-ndjson")])
        #expect(answer.status == 200)
        #expect(answer.text.utf8.count { $0 == UInt8(ascii: "\n") } == 90)
        await client.stop()
    }

    @Test("say where to go on behind the lines that were asked for")
    func limit() async throws {
        let client = try await filled()
        let lines = try await stream(client, [("limit", "8")])
        #expect(lines.count == 9)
        let cursor = try #require(lines.last?["cursor"]?.string)
        let rest = try await stream(client, [("cursor", cursor)])
        #expect(rest.count == 17)
        #expect(Set((lines.dropLast() + rest).compactMap { $0["line"]?.string }).count == 25)
        await client.stop()
    }

    @Test(
        "are refused where they cannot be",
        arguments: [
            ([("cursor", "7")], "could not parse 'cursor' parameter: it is none that this server gave\n"),
            (
                [("cursor", "1-0-0-1"), ("interval", "5s")],
                "interval cannot be used with cursor or application/x-ndjson\n"
            ),
        ] as [([(String, String)], String)])
    func refusals(parameters: [(String, String)], message: String) async throws {
        let client = try await filled()
        let answer = try await client.get(Self.path, [("query", #"{app="x"}"#)] + parameters)
        #expect(answer.status == 400)
        #expect(answer.text == message)
        await client.stop()
    }

    @Test("have the status of what is wrong with the query")
    func badQuery() async throws {
        let client = try await filled()
        let answer = try await client.get(
            Self.path, [("query", "{")], headers: [("Accept", "application/x-ndjson")])
        #expect(answer.status == 400)
        await client.stop()
    }
}
