import GRDB
import MartletCore
import NIOHTTP1
import Testing

@Suite("Texts of the database that are no JSON")
struct DamagedTextTests {
    @Test(
        "are told with what they belong to and what helps, and never read as empty",
        arguments: [
            ("UPDATE boards SET tags = '[\"a\"'", "/api/search?query=shop", "tags of dashboard s cannot be read ("),
            (
                "UPDATE boards SET tags = '[1]'", "/api/dashboards/uid/s",
                "tags of dashboard s cannot be read (it is no list of texts)"
            ),
            ("UPDATE playlists SET items = 'x'", "/api/playlists/p", "items of playlist p cannot be read ("),
            ("UPDATE playlists SET items = '[{}]'", "/api/playlists", "items of playlist p cannot be read ("),
            (
                "UPDATE preferences SET value = ''", "/api/user/preferences",
                "value of the preferences of user 1 cannot be read ("
            ),
            ("UPDATE annotations SET tags = '{}'", "/api/annotations", "tags of annotation 1 cannot be read ("),
        ])
    func told(statement: String, path: String, message: String) async throws {
        let folder = try TestFolder()
        try await TestServer.run(folder: folder) { (server: TestServer) async throws in
            let admin = try await server.session()
            for (method, path, body) in [
                (HTTPMethod.POST, "/api/dashboards/db", #"{"dashboard":{"uid":"s","title":"Shop","tags":["a"]}}"#),
                (.POST, "/api/playlists", #"{"name":"P","items":[{"type":"dashboard_by_tag","value":"a"}]}"#),
                (.PUT, "/api/user/preferences", #"{"theme":"dark"}"#),
                (.POST, "/api/annotations", #"{"text":"t","tags":["a"]}"#),
            ] {
                let answer = try await server.send(method, path, cookie: admin, body: body)
                #expect(answer.status == 200, "\(path): \(answer.text)")
            }
            let database = try DatabaseQueue(path: folder.path + "/dashboards.db")
            try await database.write { try $0.execute(sql: "UPDATE playlists SET uid = 'p'") }
            #expect(try await server.send(.GET, path, cookie: admin).status == 200)
            try await database.write { try $0.execute(sql: statement) }
            let answer = try await server.send(.GET, path, cookie: admin)
            #expect(answer.status == 503)
            #expect(try answer.json()["message"]?.string?.contains(message) == true, "\(answer.text)")
            #expect(answer.text.contains("put a copy of the database back"))
        }
    }
}
