import MartletCore
import Moving
import Testing

@Suite("Dashboards on their way")
struct MovedBoardTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

    @Test("Library panels stand where they are used, with the place and the id of the dashboard")
    func library() throws {
        let model = try json(
            """
            {"panels":[{"id":4,"gridPos":{"x":1},"libraryPanel":{"uid":"u","name":"n"}},
             {"type":"row","panels":[{"id":5,"libraryPanel":{"uid":"gone"}}]}]}
            """)
        #expect(LibraryPanels.references(in: model) == ["u", "gone"])
        let resolved = LibraryPanels.resolved(
            model, ["u": try json("{\"id\":99,\"gridPos\":{\"x\":7},\"type\":\"stat\",\"title\":\"T\"}")])
        let panel = try #require(resolved["panels"]?[0])
        #expect(panel["id"]?.int64 == 4 && panel["gridPos"]?["x"]?.int64 == 1 && panel["type"]?.string == "stat")
        #expect(panel["libraryPanel"] == nil)
        #expect(LibraryPanels.references(in: resolved) == ["gone"])
    }

    @Test("Data sources become a provisioning file; what Grafana does not give out is said")
    func sources() throws {
        let source = try #require(
            MovedSource(
                try json(
                    """
                    {"uid":"P1","name":"Prom $1","type":"prometheus","url":"http://old:9090","isDefault":true,"basicAuth":true,
                     "basicAuthUser":"alice","jsonData":{"timeInterval":"15s","httpHeaderName1":"X-Scope-OrgID","tlsSkipVerify":true}}
                    """)))
        #expect(MovedSource(try json("{\"name\":\"SQL\"}")) == nil)
        #expect(source.secrets == ["basic auth of alice", "header X-Scope-OrgID"])
        let text = MovedSource.provisioningFile([source]) { _ in "http://127.0.0.1:9090" }
        #expect(text.contains("  - name: \"Prom $$1\"\n    type: \"prometheus\"\n    uid: \"P1\"\n"))
        #expect(
            text.contains("url: \"http://127.0.0.1:9090\"") && text.contains("jsonData: {\"timeInterval\":\"15s\"}"))
        #expect(!text.contains("tls"))
    }

    @Test("A dashboard is its model, also where it is wrapped; its number in the old database goes")
    func board() throws {
        let wrapped = try #require(
            MovedBoard(try json("{\"dashboard\":{\"id\":7,\"uid\":\"u\",\"title\":\"T\"}}"), folder: nil, origin: "x"))
        #expect(wrapped.model == (try json("{\"uid\":\"u\",\"title\":\"T\"}")))
        let resource = try #require(
            MovedBoard(
                try json(
                    """
                    {"apiVersion":"dashboard.grafana.app/v2","kind":"Dashboard","metadata":{"name":"r"},
                     "spec":{"title":"T","elements":{},"layout":{"kind":"GridLayout","spec":{"items":[]}}}}
                    """), folder: nil, origin: "x"))
        #expect(resource.uid == "r" && resource.title == "T" && resource.model["panels"]?.array == [])
        #expect(MovedBoard(try json("{\"a\":1}"), folder: nil, origin: "x") == nil)
        #expect(MovedBoard(try json("[]"), folder: nil, origin: "x") == nil)
    }
}
