import Dashboards
import MartletCore
import NIOHTTP1
import Testing

@Suite("Who may do what")
struct RoleTests {
    /// What a viewer may send that is no GET: questions, and what is the viewer's own.
    private static let ownOrQuestions: Set = [
        "POST /api/login", "POST /login", "POST /api/logout", "PUT /api/user", "PUT /api/user/password",
        "POST /api/user/password/postpone", "PUT /api/user/preferences", "PATCH /api/user/preferences",
        "POST /api/user/stars/dashboard/uid/{uid}", "DELETE /api/user/stars/dashboard/uid/{uid}",
        "POST /api/short-urls", "POST /api/dashboards/calculate-diff", "POST /api/dashboards/import/report",
        "POST /api/datasources/batch", "POST /api/datasources/proxy/uid/{uid}/**",
        "DELETE /api/datasources/proxy/uid/{uid}/**",
    ]
    /// What an editor may not.
    private static let forAdministrators = [
        "/api/admin/", "/api/users", "/api/org/users", "/api/org/preferences", "/api/serviceaccounts", "/api/audit",
    ]
    /// What strangers may ask: the pages, whether the server is well, and who they are.
    private static let open: Set = [
        "GET /", "GET /login", "GET /**", "GET /api/health", "GET /goto/{uid}", "POST /api/login", "POST /login",
        "GET /api/login/methods", "GET /login/{provider}",
    ]

    @Test(
        "a viewer can change nothing by any route, an editor nothing of the administrators', a stranger nothing at all")
    func everyRoute() async throws {
        try await TestServer.run(folder: TestFolder(), sources: TestServer.alerts) {
            (server: TestServer) async throws in
            let viewer = try await server.session(of: "viewer", "Viewer")
            let editor = try await server.session(of: "editor", "Editor")
            #expect(server.routes.count > 80)
            for (method, pattern) in server.routes where method != "HEAD" {
                let route = "\(method) \(pattern)"
                let path = pattern.replacing("{uid}", with: "alerts").replacing("{id}", with: "1")
                    .replacing("{version}", with: "1").replacing("{token}", with: "1")
                    .replacing("**", with: pattern.contains("proxy") ? "api/v2/silences" : "x")
                let send = { (cookie: String?) async throws -> Int in
                    try await server.send(
                        HTTPMethod(rawValue: method), path, cookie: cookie, body: method == "GET" ? nil : "{}"
                    )
                    .status
                }
                if !Self.open.contains(route) {
                    #expect(try await send(nil) == 401, "a stranger: \(route)")
                }
                let isForAdministrators =
                    Self.forAdministrators.contains { pattern.hasPrefix($0) } && route != "GET /api/org/preferences"
                if isForAdministrators {
                    #expect(try await send(editor) == 403, "an editor: \(route)")
                }
                let mayNot = isForAdministrators || (method != "GET" && !Self.ownOrQuestions.contains(route))
                if mayNot {
                    #expect(try await send(viewer) == 403, "a viewer: \(route)")
                }
            }
            // The proxy lets questions pass only.
            for (method, path) in [(HTTPMethod.POST, "silences"), (.DELETE, "silence/1")] {
                let answer = try await server.send(
                    method, "/api/datasources/proxy/uid/alerts/api/v2/" + path, cookie: viewer, body: "{}")
                #expect(answer.status == 403)
            }
            let batch = #"{"queries":[{"uid":"alerts","path":"/api/v2/silences","form":"a=b"}]}"#
            for cookie in [viewer, editor] {
                let answer = try await server.send(.POST, "/api/datasources/batch", cookie: cookie, body: batch)
                #expect(answer.text.hasPrefix("0 403 "))
            }
        }
    }

    @Test("after a walk over every route as a viewer the server is as it was")
    func nothingChanged() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            let uid = try await server.save("Kept", uid: "kept", cookie: admin).json()["uid"]?.string
            let folder = try await server.send(
                .POST, "/api/folders", cookie: admin, body: #"{"uid":"kept","title":"Kept"}"#)
            #expect(folder.status == 200)
            let viewer = try await server.session(of: "viewer", "Viewer")
            let watched = [
                "/api/search", "/api/dashboards/uid/kept", "/api/folders/kept", "/api/org/users", "/api/playlists",
            ]
            var before: [String] = []
            for path in watched { before.append(try await server.send(.GET, path, cookie: admin).text) }
            for (method, pattern) in server.routes where pattern.hasPrefix("/api/") {
                guard !pattern.contains("/password"), !["/api/logout", "/api/user"].contains(pattern) else { continue }
                let path = pattern.replacing("{uid}", with: uid ?? "").replacing("{id}", with: "1")
                    .replacing("{version}", with: "1").replacing("{token}", with: "1").replacing("**", with: "x")
                let body =
                    #"{"dashboard":{"title":"Stolen","uid":"kept","version":1},"overwrite":true,"title":"Stolen","#
                    + #""version":1,"name":"Stolen","interval":"1m","text":"Stolen","role":"Admin","folderUid":""}"#
                _ = try await server.send(
                    HTTPMethod(rawValue: method), path, cookie: viewer,
                    body: method == "GET" || method == "HEAD" ? nil : body)
            }
            var after: [String] = []
            for path in watched { after.append(try await server.send(.GET, path, cookie: admin).text) }
            #expect(before == after)
        }
    }

    @Test("a change from another site's page is refused, whoever's browser sends it; a token needs no such proof")
    func origins() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let admin = try await server.session()
            let body = #"{"dashboard":{"title":"T"}}"#
            for headers in [[], [("Origin", "http://evil.example"), ("X-Requested-With", "x")]] {
                let answer = try await server.send(
                    .POST, "/api/dashboards/db", cookie: admin, body: body, headers: headers)
                #expect(answer.status == 403)
            }
            let account = try await server.send(
                .POST, "/api/serviceaccounts", cookie: admin, body: #"{"name":"bot","role":"Editor"}"#
            ).json()
            let id = account["id"]?.int64 ?? 0
            let key = try await server.send(
                .POST, "/api/serviceaccounts/\(id)/tokens", cookie: admin, body: #"{"name":"t","secondsToLive":60}"#
            ).json()["key"]?.string
            let token = [("Authorization", "Bearer " + (key ?? ""))]
            #expect(try await server.send(.POST, "/api/dashboards/db", body: body, headers: token).status == 200)
            // A token that is bad counts, even beside a good cookie.
            let bad = [("Authorization", "Bearer glsa_x"), ("X-Requested-With", "x")]
            #expect(try await server.send(.GET, "/api/user", cookie: admin, headers: bad).status == 401)
            server.now.withLock { $0 += 60 }
            #expect(try await server.send(.GET, "/api/user", headers: token).status == 401)
        }
    }
}
