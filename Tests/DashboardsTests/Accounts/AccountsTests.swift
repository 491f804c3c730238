import Dashboards
import MartletCore
import NIOHTTP1
import Service
import Testing

@Suite("Accounts")
struct AccountsTests {
    @Test("the first start makes one administrator whose password waits in a file that nobody else may read")
    func firstStart() async throws {
        let folder = try TestFolder()
        try await TestServer.run(folder: folder) { (server: TestServer) async throws in
            #expect(server.password.count == 23)
            #expect(try folder.mode("initial-admin-password") == 0o600)
            #expect(try folder.mode("dashboards.db") == 0o600)
            #expect(try await server.accounts.makeAdministrator() == nil)
        }
    }

    @Test("a login gives a cookie that scripts cannot read, and the cookie opens the door")
    func login() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.logIn(server.password)
            let field = try #require(answer.headers.first(name: "Set-Cookie"))
            #expect(answer.status == 200)
            #expect(field.contains("; HttpOnly; SameSite=Lax; "))
            #expect(!field.contains("Secure"))
            let token = String(field.dropFirst("martlet_session=".count).prefix { $0 != ";" })
            #expect(token.count == 43)
            let user = try await server.send(.GET, "/api/user", cookie: token)
            #expect(user.status == 200)
            #expect(try user.json()["login"]?.string == "admin")
            #expect(try user.json()["mustChangePassword"]?.bool == true)
        }
    }

    @Test(
        "everything but health, login and the pages wants a session",
        arguments: [
            "/api/user", "/api/search", "/api/dashboards/uid/one", "/api/datasources",
            "/api/datasources/proxy/uid/metrics/api/v1/query", "/api/provisioning/errors",
        ])
    func door(path: String) async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            #expect(try await server.send(.GET, path).status == 401)
            #expect(try await server.send(.GET, path, cookie: String(repeating: "x", count: 43)).status == 401)
        }
    }

    @Test("who postpones the choice of a password is not asked again, in no browser, and the generated one stays valid")
    func postponed() async throws {
        let folder = try TestFolder()
        try await TestServer.run(folder: folder) { (server: TestServer) async throws in
            let token = try await server.session()
            #expect(try await server.send(.POST, "/api/user/password/postpone", body: "").status == 401)
            #expect(try await server.send(.POST, "/api/user/password/postpone", cookie: token, body: "").status == 200)
            let user = try await server.send(.GET, "/api/user", cookie: try await server.session()).json()
            #expect(user["mustChangePassword"]?.bool == true)
            #expect(user["hasPostponedPassword"]?.bool == true)
            #expect(try folder.mode("initial-admin-password") == 0o600)
            let again = try await server.accounts.resetAdministrator()
            let field = try await server.logIn(again).headers.first(name: "Set-Cookie") ?? ""
            let fresh = String(field.dropFirst("martlet_session=".count).prefix { $0 != ";" })
            let asked = try await server.send(.GET, "/api/user", cookie: fresh).json()
            #expect(asked["hasPostponedPassword"]?.bool == false)
        }
    }

    @Test("a wrong password and an unknown user get the same answer")
    func sameAnswer() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let wrong = try await server.logIn("wrong")
            let unknown = try await server.logIn("wrong", user: "nobody")
            #expect(wrong.status == 401)
            #expect(unknown.status == 401)
            #expect(wrong.text == unknown.text)
        }
    }

    @Test("after five wrong passwords even the right one has to wait")
    func brake() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            for _ in 0..<5 { #expect(try await server.logIn("wrong").status == 401) }
            let refused = try await server.logIn(server.password)
            #expect(refused.status == 429)
            #expect(refused.headers.first(name: "Retry-After") == "300")
            server.now.withLock { $0 += 300 }
            #expect(try await server.logIn(server.password).status == 200)
        }
    }

    @Test("logging out ends the session at the server")
    func logout() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let token = try await server.session()
            #expect(try await server.send(.POST, "/api/logout", cookie: token).status == 200)
            #expect(try await server.send(.GET, "/api/user", cookie: token).status == 401)
        }
    }

    @Test("a session ends after seven days unused and after thirty days in any case")
    func expiry() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let idle = try await server.session()
            server.now.withLock { $0 += 7 * 86_400 }
            #expect(try await server.send(.GET, "/api/user", cookie: idle).status == 401)
            let used = try await server.session()
            for _ in 0..<5 {
                server.now.withLock { $0 += 6 * 86_400 - 1 }
                #expect(try await server.send(.GET, "/api/user", cookie: used).status == 200)
            }
            server.now.withLock { $0 += 5 }
            #expect(try await server.send(.GET, "/api/user", cookie: used).status == 401)
        }
    }

    @Test("a new password ends the other sessions and removes the file with the first one")
    func changePassword() async throws {
        let folder = try TestFolder()
        try await TestServer.run(folder: folder) { (server: TestServer) async throws in
            let (mine, other) = (try await server.session(), try await server.session())
            let change = { (old: String, new: String) in
                try await server.send(
                    .PUT, "/api/user/password", cookie: mine,
                    body: #"{"oldPassword":"\#(old)","newPassword":"\#(new)","confirmNew":"\#(new)"}"#)
            }
            #expect(try await change(server.password, "short").status == 400)
            #expect(try await change("not it", "a long enough one").status == 403)
            #expect(folder.exists("initial-admin-password"))
            #expect(try await change(server.password, "a long enough one").status == 200)
            #expect(!folder.exists("initial-admin-password"))
            #expect(try await server.send(.GET, "/api/user", cookie: mine).status == 200)
            #expect(try await server.send(.GET, "/api/user", cookie: other).status == 401)
            #expect(try await server.logIn(server.password).status == 401)
            let again = try await server.logIn("a long enough one")
            #expect(again.status == 200)
        }
    }

    @Test("sessions and passwords outlive a restart")
    func restart() async throws {
        let folder = try TestFolder()
        let kept = Lock<(token: String, password: String)>(("", ""))
        try await TestServer.run(folder: folder) { (server: TestServer) async throws in
            let token = try await server.session()
            kept.withLock { $0 = (token, server.password) }
        }
        try await TestServer.run(folder: folder) { (server: TestServer) async throws in
            let (token, password) = kept.withLock { $0 }
            #expect(server.password.isEmpty)
            #expect(try await server.send(.GET, "/api/user", cookie: token).status == 200)
            #expect(try await server.logIn(password).status == 200)
        }
    }

    @Test("a request that another site's page sends changes nothing")
    func otherSites() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let token = try await server.session()
            let host = String(server.server.url.dropFirst("http://".count))
            let cases: [([(String, String)], Int)] = [
                ([("Origin", "http://evil.example")], 403),
                ([("Origin", "null")], 403),
                ([("Sec-Fetch-Site", "cross-site"), ("Origin", "http://\(host)")], 403),
                ([("Sec-Fetch-Site", "same-site")], 403),
                ([], 403),
                ([("Sec-Fetch-Site", "same-origin"), ("Origin", "http://\(host)")], 200),
            ]
            for (headers, status) in cases {
                let answer = try await server.send(.POST, "/api/logout", cookie: token, headers: headers)
                #expect(answer.status == status, "\(headers)")
            }
        }
    }
}
