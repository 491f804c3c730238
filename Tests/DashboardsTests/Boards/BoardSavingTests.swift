import Dashboards
import MartletCore
import NIOHTTP1
import Testing

@Suite("Saving dashboards")
struct BoardSavingTests {
    @Test("a save counts versions up and refuses one that is based on an old version, with who was faster")
    func versions() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            let made = try await server.save("Shop", cookie: admin).json()
            let uid = try #require(made["uid"]?.string)
            #expect(uid.count == 14)
            #expect(made["url"]?.string == "/d/\(uid)/shop")
            #expect(try await server.save("Shop 2", uid: uid, version: 1, cookie: admin).json()["version"]?.int64 == 2)
            let late = try await server.save("Shop 3", uid: uid, version: 1, cookie: admin)
            #expect(late.status == 412)
            #expect(try late.json()["status"]?.string == "version-mismatch")
            #expect(try late.json()["message"]?.string == "The dashboard has been changed by someone else")
            #expect(try late.json()["updatedBy"]?.string == "admin")
            let forced = try await server.save(
                "Shop 3", uid: uid, version: 1, more: #","overwrite":true"#, cookie: admin)
            #expect(try forced.json()["version"]?.int64 == 3)
        }
    }

    @Test("the newest 50 versions are kept")
    func pruning() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            for version in 0..<55 {
                #expect(try await server.save("S\(version)", uid: "s", version: version, cookie: admin).status == 200)
            }
            let path = "/api/dashboards/uid/s/versions"
            let list = try await server.send(.GET, path, cookie: admin).json()["versions"]?.array ?? []
            #expect(list.compactMap { $0["version"]?.int64 } == (6...55).reversed().map(Int64.init))
            #expect(try await server.send(.GET, path + "/5", cookie: admin).status == 404)
            let page = try await server.send(.GET, path + "?limit=2&start=1", cookie: admin).json()["versions"]
            #expect(page?.array?.compactMap { $0["version"]?.int64 } == [54, 53])
        }
    }

    @Test("a number that a model brings along as its id says nothing; the uid does")
    func ids() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            #expect(try await server.save("First", uid: "first", cookie: admin).status == 200)
            let copy = try await server.send(
                .POST, "/api/dashboards/db", cookie: admin, body: #"{"dashboard":{"id":1,"title":"Second"}}"#)
            #expect(try copy.json()["uid"]?.string != "first")
            let first = try await server.send(.GET, "/api/dashboards/uid/first", cookie: admin).json()
            #expect(first["dashboard"]?["title"]?.string == "First")
            #expect(first["dashboard"]?["id"]?.int64 == 1)
        }
    }

    @Test(
        "what is no dashboard is refused with what is wrong",
        arguments: [
            (#"{}"#, "the body needs dashboard"), (#"{"dashboard":{}}"#, "Dashboard title cannot be empty"),
            (#"{"dashboard":{"title":"T","uid":"a b"}}"#, "uid contains illegal characters"),
            (#"{"dashboard":{"title":"T","uid":"12345678901234567890123456789012345678901"}}"#, "uid too long"),
            (#"{"dashboard":{"title":"T","rows":1}}"#, "rows must be a list"),
            (#"{"dashboard":{"title":"T"},"folderUid":"none"}"#, "Folder not found"),
            (#"{"dashboard":{"title":"T"},"isFolder":true}"#, "POST /api/folders"), ("[1]", "must be a JSON object"),
        ])
    func refused(body: String, message: String) async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.send(
                .POST, "/api/dashboards/db", cookie: try await server.session(), body: body)
            #expect(answer.status == 400)
            #expect(try answer.json()["message"]?.string?.contains(message) == true)
        }
    }

    @Test("a dashboard of Grafana's schema v2 is kept in the classic model; the report has that model")
    func schemaV2() async throws {
        let resource = """
            {"apiVersion":"dashboard.grafana.app/v2","kind":"Dashboard","metadata":{"name":"two"},"spec":{"title":"Two",
             "elements":{"a":{"kind":"Panel","spec":{"id":1,"title":"A","vizConfig":{"kind":"VizConfig","group":"stat","spec":{}}}}},
             "layout":{"kind":"GridLayout","spec":{"items":[{"kind":"GridLayoutItem","spec":{"x":0,"y":0,"width":6,"height":4,
              "element":{"kind":"ElementReference","name":"a"}}}]}}}}
            """
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            let report = try await server.send(
                .POST, "/api/dashboards/import/report", cookie: admin, body: #"{"dashboard":\#(resource)}"#
            ).json()
            #expect(report["uid"]?.string == "two" && report["panels"]?.int64 == 1)
            #expect(report["model"]?["panels"]?[0]?["gridPos"]?["w"]?.int64 == 6)
            _ = try await server.send(.POST, "/api/dashboards/db", cookie: admin, body: #"{"dashboard":\#(resource)}"#)
            let kept = try await server.send(.GET, "/api/dashboards/uid/two", cookie: admin).json()
            #expect(
                kept["dashboard"]?["panels"]?[0]?["type"]?.string == "stat" && kept["dashboard"]?["elements"] == nil)
        }
    }

    @Test("no folder can have the name of the top")
    func reserved() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.send(
                .POST, "/api/folders", cookie: try await server.session(), body: #"{"uid":"general","title":"G"}"#)
            #expect(answer.status == 400)
            #expect(try answer.json()["message"]?.string?.contains("stands for the top") == true)
        }
    }

    @Test("what is saved into a folder of files makes that folder a stored one, with the files still in it")
    func folderOfFiles() async throws {
        try await TestServer.run(folder: TestFolder(), listedIn: "Team") { (server: TestServer) async throws in
            let admin = try await server.session()
            let found = try await server.send(.GET, "/api/search?type=dash-folder", cookie: admin).json()
            let uid = try #require(found[0]?["uid"]?.string)
            #expect(uid.hasPrefix("files-"))
            let path = "/api/folders/\(uid)"
            #expect(try await server.send(.GET, path, cookie: admin).json()["provisioned"]?.bool == true)
            #expect(try await server.send(.DELETE, path, cookie: admin).status == 400)
            let more = #","folderUid":"\#(uid)""#
            #expect(try await server.save("Mine", uid: "mine", more: more, cookie: admin).status == 200)
            #expect(try await server.send(.GET, path, cookie: admin).json()["provisioned"]?.bool == false)
            let inside = try await server.send(.GET, "/api/search?folderUIDs=\(uid)", cookie: admin).json()
            #expect(inside.array?.compactMap { $0["uid"]?.string } == ["one", "mine"])
        }
    }

    @Test("elements of lists are compared with those of the same id, wherever they stand")
    func differences() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let body = """
                {"base":{"dashboard":{"version":1,"panels":[{"id":1,"title":"A","targets":[{"refId":"A","expr":"up"}]},
                {"id":2,"title":"B"}],"tags":["x"]}},
                "new":{"dashboard":{"version":2,"panels":[{"id":2,"title":"B"},
                {"id":1,"title":"A","targets":[{"refId":"A","expr":"down"}]},{"id":3}],"tags":["x","y"],"refresh":"5s"}}}
                """
            let answer = try await server.send(
                .POST, "/api/dashboards/calculate-diff", cookie: try await server.session(), body: body)
            let changes = try answer.json()["changes"]?.array ?? []
            #expect(
                changes.map { "\($0["op"]?.string ?? "") \($0["path"]?.string ?? "")" } == [
                    "replace /panels/1/targets/0/expr", "add /panels/2", "replace /panels", "add /refresh",
                    "add /tags/1",
                ])
            #expect(changes.first?["label"]?.string == #"panel "A" › targets "A" › expr"#)
        }
    }

    @Test("what a list of versions or a look-up cannot find is 404, and bad numbers are 400")
    func missing() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            let none = "/api/dashboards/uid/none"
            for path in [none, none + "/versions", none + "/versions/1"] {
                #expect(try await server.send(.GET, path, cookie: admin).status == 404)
            }
            #expect(try await server.send(.GET, none + "/versions/x", cookie: admin).status == 404)
            #expect(try await server.send(.GET, "/api/annotations/x", cookie: admin).status == 400)
            let files = try await server.send(.GET, "/api/dashboards/uid/one/versions", cookie: admin)
            #expect(try files.json()["versions"]?.array?.isEmpty == true)
        }
    }
}
