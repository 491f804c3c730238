import MartletCore
import NIOHTTP1
import Testing

@Suite("Texts that are sent to take memory or time")
struct HostileTextTests {
    /// One character of 40 thousand bytes.
    private static let heap = "a" + String(repeating: "\u{301}", count: 20_000)

    @Test(
        "a character may carry marks without end, so that names have a limit in bytes as well",
        arguments: [
            ("/api/dashboards/db", #"{"dashboard":{"title":"HEAP"}}"#),
            ("/api/dashboards/db", #"{"dashboard":{"title":"T","tags":["HEAP"]}}"#),
            ("/api/folders", #"{"title":"HEAP"}"#), ("/api/playlists", #"{"name":"HEAP","items":[]}"#),
            ("/api/serviceaccounts", #"{"name":"HEAP"}"#), ("/api/annotations", #"{"text":"t","tags":["HEAP"]}"#),
        ])
    func names(path: String, body: String) async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let cookie = try await server.session()
            let answer = try await server.send(
                .POST, path, cookie: cookie, body: body.replacing("HEAP", with: Self.heap))
            #expect(answer.status == 400, "\(answer.text.utf8.count) bytes")
            let accents = try await server.send(
                .POST, path, cookie: cookie, body: body.replacing("HEAP", with: "Übersicht e\u{301} 👩‍👩‍👧"))
            #expect([200, 201].contains(accents.status), "\(accents.text)")
        }
    }

    @Test("a comparison tells each difference with a name of bounded length")
    func comparison() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let panel = { (value: Int) in
                #"{"id":1,"title":"\#(Self.heap)","#
                    + (0..<500).map { #""m\#($0)":\#(value)"# }.joined(separator: ",") + "}"
            }
            let answer = try await server.send(
                .POST, "/api/dashboards/calculate-diff", cookie: try await server.session(),
                body: #"{"base":{"dashboard":{"panels":[\#(panel(1))]}},"new":{"dashboard":{"panels":[\#(panel(2))]}}}"#
            )
            #expect(answer.status == 200)
            #expect(try answer.json()["changes"]?.array?.count == 500)
            #expect(answer.bytes.count < 1 << 20)
        }
    }

    @Test("a report on an import names the same panel in many problems with bounded length")
    func report() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let steps = (0..<400).map { #"{"id":"t\#($0)"}"# }.joined(separator: ",")
            let answer = try await server.send(
                .POST, "/api/dashboards/import/report", cookie: try await server.session(),
                body:
                    #"{"title":"T","panels":[{"type":"stat","title":"\#(Self.heap)","transformations":[\#(steps)]}]}"#)
            #expect(try answer.json()["problems"]?.array?.count == 400)
            #expect(answer.bytes.count < 1 << 20)
        }
    }

    @Test("an import with a million beginnings of names takes no longer than it is long", .timeLimit(.minutes(1)))
    func inputs() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let text = String(repeating: "${", count: 1_000_000)
            let answer = try await server.send(
                .POST, "/api/dashboards/import", cookie: try await server.session(),
                body: #"{"dashboard":{"uid":"w","title":"W","description":"","panels":[],"note":"\#(text)${A}","#
                    + #""__inputs":[{"name":"A","type":"constant","value":"filled"}]}}"#)
            #expect(answer.status == 200, "\(answer.text.prefix(300))")
            let made = try await server.send(.GET, "/api/dashboards/uid/w", cookie: try await server.session())
            #expect(try made.json()["dashboard"]?["note"]?.string?.hasSuffix("${filled") == true)
        }
    }
}
