import GRDB
import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Short addresses that stand for long ones of this server.
struct ShortLinkRoutes: Sendable {
    let database: DashboardDatabase
    let door: AccountRoutes
    /// True when browsers speak TLS to this server.
    let secure: Bool
    /// The page, for those who have to sign in first.
    let page: @Sendable (Request, HTTPResponse.Status) -> Response

    /// Links that are kept; those which nobody has used for longest go first.
    static let limit = 10_000
    /// A link goes when nobody has used it for this long: 90 days.
    static let idleSeconds: Int64 = 90 * 86_400
    private static let pathLimit = 16 << 10

    func add(to routes: APIRoutes) {
        routes.on(.post, "/api/short-urls", for: .viewer) { call in
            let path = try Self.check(try await call.object()["path"]?.string ?? "")
            let uid = try await keep(path, by: call.caller)
            return JSONAnswer.value(["uid": .string(uid), "url": .string(base(call.request) + "/goto/" + uid)])
        }
        routes.router.get("/goto/{uid}") { request, context in
            // Where a link leads is told to those only who may see it.
            guard await door.isSignedIn(request, context) else { return page(request, .ok) }
            let uid = context.parameters.get("uid") ?? ""
            guard let path = try await follow(uid) else { return page(request, .notFound) }
            var headers: HTTPFields = [.location: "/" + path, .cacheControl: "no-store"]
            SecurityHeaders.data.add(to: &headers)
            return Response(status: .found, headers: headers)
        }
    }

    /// An address below this server's own, without the first slash.
    static func check(_ path: String) throws(HTTPFailure) -> String {
        guard !path.isEmpty, path.utf8.count <= pathLimit else {
            throw HTTPFailure(.badRequest, "the body needs path, of at most \(pathLimit) bytes")
        }
        // A slash or a backslash at the beginning would make the rest another server's name.
        let isRelative = path.first != "/" && !path.contains("\\") && path.firstRange(of: "../") == nil
        let isPlain = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isRelative, isPlain, path.prefix(while: { $0 != "/" && $0 != "?" }).firstIndex(of: ":") == nil else {
            throw HTTPFailure(.badRequest, "Path should be relative: d/UID/NAME?from=…, percent-encoded")
        }
        return path
    }

    private func keep(_ path: String, by caller: Caller) async throws -> String {
        try await database.change(by: caller) { change in
            let database = change.database
            let known = try String.fetchOne(
                database, sql: "SELECT uid FROM short_links WHERE path = ?", arguments: [path])
            if let known { return known }
            try database.execute(
                sql: "DELETE FROM short_links WHERE last_seen_at < ?", arguments: [change.now - Self.idleSeconds])
            try database.execute(
                sql: """
                    DELETE FROM short_links WHERE uid IN
                        (SELECT uid FROM short_links ORDER BY last_seen_at DESC LIMIT -1 OFFSET ?)
                    """, arguments: [Self.limit - 1])
            let uid = RandomText.uid()
            try database.execute(
                sql: "INSERT INTO short_links (uid, path, created_at, created_by, last_seen_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [uid, path, change.now, caller.user.login, change.now])
            try change.note("short-link.create", uid, path, isPersonal: true)
            return uid
        }
    }

    private func follow(_ uid: String) async throws -> String? {
        let now = database.clock()
        let found = try await database.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM short_links WHERE uid = ?", arguments: [uid]).map {
                (path: $0["path"] as String, lastSeenAt: $0["last_seen_at"] as Int64)
            }
        }
        guard let found, now - found.lastSeenAt < Self.idleSeconds else { return nil }
        if now - found.lastSeenAt >= 3600 {
            try await database.write { database in
                try database.execute(
                    sql: "UPDATE short_links SET last_seen_at = ? WHERE uid = ?", arguments: [now, uid])
            }
        }
        return found.path
    }

    /// The server's own address as the browser knows it.
    private func base(_ request: Request) -> String {
        let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] }
        let scheme = secure || forwarded == "https" ? "https" : "http"
        return "\(scheme)://\(request.head.authority ?? "localhost")"
    }
}
