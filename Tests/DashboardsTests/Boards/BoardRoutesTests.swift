import Dashboards
import MartletCore
import NIOHTTP1
import Testing

@Suite("Dashboards over HTTP")
struct BoardRoutesTests {
    @Test("search and look-up have Grafana's shapes")
    func shapes() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let token = try await server.session()
            let found = try await server.send(.GET, "/api/search?query=FIRST&tag=a&tag=b", cookie: token).json()
            #expect(found[0]?["uid"]?.string == "one")
            #expect(found[0]?["url"]?.string == "/d/one/first-board")
            #expect(found[0]?["type"]?.string == "dash-db")
            let none = try await server.send(.GET, "/api/search?tag=c", cookie: token)
            #expect(none.text == "[]")
            let far = try await server.send(.GET, "/api/search?page=9223372036854775807&limit=5000", cookie: token)
            #expect(far.text == "[]")
            let board = try await server.send(.GET, "/api/dashboards/uid/one", cookie: token).json()
            #expect(board["dashboard"]?["title"]?.string == "First board")
            #expect(board["meta"]?["provisioned"]?.bool == true)
            #expect(try await server.send(.GET, "/api/dashboards/uid/none", cookie: token).status == 404)
        }
    }

    @Test("a file is read when its dashboard is opened; one that has become useless since is a 404 that says so")
    func changedFile() async throws {
        let folder = try TestFolder()
        try await TestServer.run(folder: folder) { (server: TestServer) async throws in
            let token = try await server.session()
            func opened() async throws -> TestServer.Answer {
                try await server.send(.GET, "/api/dashboards/uid/one", cookie: token)
            }
            try folder.write("boards/one.json", #"{"uid":"one","title":"First board","panels":[{"id":7}]}"#)
            #expect(try await opened().json()["dashboard"]?["panels"]?[0]?["id"]?.int64 == 7)
            for text in ["{", "[]", #"{"uid":"two","title":"Second","panels":[]}"#] {
                try folder.write("boards/one.json", text)
                let answer = try await opened()
                #expect(answer.status == 404)
                #expect(answer.text.contains("First board is in a file that has changed"))
            }
            try folder.remove("boards/one.json")
            #expect(try await opened().status == 404)
        }
    }
}
