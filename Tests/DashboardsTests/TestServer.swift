import AsyncHTTPClient
import Dashboards
import Hummingbird
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Service

/// The whole dashboard server on a loopback port, with a clock that stands still until it is moved.
struct TestServer {
    let server: EmbeddedServer
    let accounts: Accounts
    let provisioning: Provisioning
    let password: String
    let now: Lock<Int64>
    /// Methods and paths of all that the server answers.
    let routes: [(method: String, path: String)]

    /// An Alertmanager that nobody answers for.
    static let alerts = [DataSource(uid: "alerts", name: "Alerts", kind: .alertmanager, url: "http://127.0.0.1:9")]

    /// Builds a server, hands it over, stops it.
    static func run(
        folder: TestFolder, sources: [DataSource] = [], listedIn title: String = "", auth: AuthConfig = AuthConfig(),
        prepare: (TestFolder) throws -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let blocking = BlockingPool(threads: 2)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let now = Lock<Int64>(1_700_000_000)
        let database = try DashboardDatabase(
            path: folder.path + "/dashboards.db", clock: { now.withLock { $0 } })
        let accounts = try await Accounts(
            database: AccountDatabase(database), directory: folder.path, blocking: blocking,
            clock: { now.withLock { $0 } })
        let password = try await accounts.makeAdministrator() ?? ""
        try folder.write("boards/one.json", #"{"uid":"one","title":"First board","tags":["a","b"],"panels":[]}"#)
        for (name, text) in [
            ("index.html", #"<script src="/app.js"></script>"#),
            ("app.js", (0..<200).map { "let a\($0) = \($0 * 7919);\n" }.joined()),
            (
                "dashboard/supported.json",
                #"{"panels":["timeseries","stat"],"transformations":["organize"],"variables":["query"],"#
                    + #""datasources":{"prometheus":"prometheus","loki":"loki"}}"#
            ),
            ("vendor/preact.js", "export {}"), ("vendor/uplot.js", "export {}"), ("jsconfig.json", "{}"),
        ] {
            try folder.write("web/" + name, text)
        }
        try prepare(folder)
        let provisioning = Provisioning(
            places: .init(
                boards: [BoardFolder(path: folder.path + "/boards", folder: title)], provisioning: nil, sources: sources
            ),
            environment: [:], blocking: blocking, logger: logger)
        try await provisioning.refresh()
        let router = Daemon.makeRouter()
        let application = DashboardApplication(
            accounts: accounts, provisioning: provisioning, database: database,
            web: try WebFiles(root: folder.path + "/web"), secure: false,
            signIn: try SignIn(config: auth, accounts: accounts, externalURL: nil))
        application.addRoutes(to: router)
        let server = try await EmbeddedServer(router: router)
        let made = TestServer(
            server: server, accounts: accounts, provisioning: provisioning, password: password, now: now,
            routes: router.routes.map { ($0.method.rawValue, "\($0.path)") })
        do {
            try await body(made)
        } catch {
            await server.stop()
            await application.shutdown()
            try database.close()
            throw error
        }
        await server.stop()
        await application.shutdown()
        try database.close()
        await blocking.shutdown()
    }

    /// What came back: status, fields, text.
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let text: String
        let bytes: [UInt8]

        func json() throws -> JSONValue { try JSONValue(parsing: text) }
    }

    func send(
        _ method: HTTPMethod, _ path: String, cookie: String? = nil, body: String? = nil,
        headers: [(String, String)] = [("X-Requested-With", "test")]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: server.url + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        // The client takes an answer that becomes much larger when it is unpacked for an attack.
        if !request.headers.contains(name: "Accept-Encoding") {
            request.headers.add(name: "Accept-Encoding", value: "identity")
        }
        if let cookie { request.headers.add(name: "Cookie", value: "other=1; martlet_session=\(cookie)") }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let bytes = try await answer.body.collect(upTo: 32 << 20)
        return Answer(
            status: Int(answer.status.code), headers: answer.headers, text: String(buffer: bytes),
            bytes: Array(bytes.readableBytesView))
    }

    func logIn(_ password: String, user: String = "admin") async throws -> Answer {
        let body = JSONValue.object([.init("user", .string(user)), .init("password", .string(password))]).bytes
        return try await send(.POST, "/api/login", body: String(decoding: body, as: UTF8.self))
    }

    /// Logs in and returns the session's token.
    func session() async throws -> String {
        let field = try await logIn(password).headers.first(name: "Set-Cookie") ?? ""
        return String(field.dropFirst("martlet_session=".count).prefix { $0 != ";" })
    }

    /// Makes a user of a role, logs in and returns the session's token. The password is the login twice.
    func session(of login: String, _ role: String) async throws -> String {
        let made = try await send(
            .POST, "/api/admin/users", cookie: try await session(),
            body: #"{"login":"\#(login)","password":"\#(login)\#(login)","role":"\#(role)"}"#)
        guard made.status == 200 else { throw Unexpected(answer: made) }
        let field = try await logIn(login + login, user: login).headers.first(name: "Set-Cookie") ?? ""
        return String(field.dropFirst("martlet_session=".count).prefix { $0 != ";" })
    }

    /// An answer that a test cannot go on with.
    struct Unexpected: Error, CustomStringConvertible {
        let answer: Answer

        var description: String { "\(answer.status): \(answer.text)" }
    }

    /// Saves a dashboard of a title and returns what the server said.
    func save(
        _ title: String, uid: String = "", version: Int = 0, more: String = "", cookie: String
    ) async throws -> Answer {
        try await send(
            .POST, "/api/dashboards/db", cookie: cookie,
            body: #"{"dashboard":{"uid":"\#(uid)","title":"\#(title)","version":\#(version),"panels":[]}\#(more)}"#)
    }
}
