import Dashboards
import MartletCore
import NIOHTTP1
import Testing

@Suite("Search")
struct SearchRoutesTests {
    private func uids(_ server: TestServer, _ query: String, _ cookie: String) async throws -> [String] {
        try await server.send(.GET, "/api/search?" + query, cookie: cookie).json().array?
            .compactMap { $0["uid"]?.string } ?? []
    }

    @Test("boards of files and stored ones are found alike, folders too, page by page and in the order asked for")
    func order() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            _ = try await server.send(.POST, "/api/folders", cookie: admin, body: #"{"uid":"f","title":"zoo"}"#)
            #expect(try await server.save("beta", uid: "b", cookie: admin).status == 200)
            server.now.withLock { $0 += 10 }
            #expect(try await server.save("Alpha", uid: "a", more: #","folderUid":"f""#, cookie: admin).status == 200)
            #expect(try await uids(server, "", admin) == ["f", "a", "b", "one"])
            #expect(try await uids(server, "type=dash-db", admin) == ["a", "b", "one"])
            #expect(try await uids(server, "type=dash-folder", admin) == ["f"])
            #expect(try await uids(server, "type=dash-db&sort=alpha-desc", admin) == ["one", "b", "a"])
            #expect(try await uids(server, "type=dash-db&sort=updated-desc&limit=2", admin) == ["a", "b"])
            #expect(try await uids(server, "type=dash-db&limit=2&page=2", admin) == ["one"])
            #expect(try await uids(server, "folderUIDs=general&type=dash-db", admin) == ["b", "one"])
            #expect(try await uids(server, "folderUIDs=f&folderUIDs=general&type=dash-db", admin) == ["a", "b", "one"])
            #expect(try await uids(server, "query=board%20first", admin) == ["one"])
            #expect(try await uids(server, "dashboardUIDs=b&dashboardUIDs=one", admin) == ["b", "one"])
            for query in ["type=dash", "sort=random"] {
                #expect(try await server.send(.GET, "/api/search?" + query, cookie: admin).status == 400)
            }
        }
    }

    @Test("tags of files and of stored boards are counted together")
    func tags() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            let body = #"{"dashboard":{"title":"T","tags":["b","b","",7]}}"#
            #expect(try await server.send(.POST, "/api/dashboards/db", cookie: admin, body: body).status == 200)
            let tags = try await server.send(.GET, "/api/dashboards/tags", cookie: admin)
            #expect(tags.text == #"[{"term":"a","count":1},{"term":"b","count":2}]"#)
        }
    }

    @Test(
        "titles become addresses of lower-case words",
        arguments: [
            ("Node Exporter Full", "node-exporter-full"), ("  --  ", "dashboard"), ("Größe / Tempo", "größe-tempo"),
            ("a  b!!c", "a-b-c"), ("日本", "日本"),
        ])
    func slugs(title: String, slug: String) async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.save(title, uid: "u", cookie: try await server.session()).json()
            #expect(answer["slug"]?.string == slug)
            #expect(answer["url"]?.string == "/d/u/" + slug)
        }
    }
}
