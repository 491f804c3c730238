import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Service

/// The web interface: its page for every address of its own, and its files.
struct PageRoutes: Sendable {
    let web: WebFiles
    let database: DashboardDatabase

    func add(to router: Router<ServiceContext>) {
        router.get("/api/health") { _, _ in
            let healthy = await database.isHealthy()
            return JSONAnswer.make(healthy ? .ok : .serviceUnavailable) { writer in
                writer.beginObject()
                for (key, value) in [
                    ("commit", ""), ("database", healthy ? "ok" : "failing"), ("version", BuildVersion.number),
                ] {
                    writer.key(key)
                    writer.string(value)
                }
                writer.endObject()
            }
        }
        // The login page has a route of its own, since POST /login has one and a path answers by one route alone.
        for path: RouterPath in ["/", "/login"] { router.get(path) { request, _ in page(request, status: .ok) } }
        router.get("**") { request, _ in answer(request) }
    }

    /// How the addresses of pages begin.
    private static let pages: Set = [
        "login", "dashboards", "dashboard", "d", "explore", "alerts", "services", "diagnostics", "playlists", "profile",
        "admin",
    ]

    private func answer(_ request: Request) -> Response {
        let path = request.uri.path
        if path.hasPrefix("/api/") { return JSONAnswer.message("Not found", .notFound) }
        let assets = "/assets/\(web.digest)/"
        if path.hasPrefix(assets), let file = web.files[String(path.dropFirst(assets.count))] {
            return send(file, request, caching: "public, max-age=31536000, immutable", as: .data)
        }
        if let file = web.files[String(path.dropFirst())] {
            return send(file, request, caching: "no-cache", as: .data)
        }
        if path.hasPrefix("/assets/") { return JSONAnswer.message("Not found", .notFound) }
        let first = path.dropFirst().prefix { $0 != "/" }
        let isPage = Self.pages.contains(String(first))
        return page(request, status: isPage ? .ok : .notFound)
    }

    /// The page, whatever the address.
    func page(_ request: Request, status: HTTPResponse.Status) -> Response {
        send(web.index, request, status: status, caching: "no-cache", as: .page)
    }

    private func send(
        _ file: WebFiles.File, _ request: Request, status: HTTPResponse.Status = .ok, caching: String,
        as kind: SecurityHeaders
    ) -> Response {
        var headers: HTTPFields = [.cacheControl: caching, .eTag: file.tag, .vary: "Accept-Encoding"]
        kind.add(to: &headers)
        if let known = request.headers[.ifNoneMatch], status == .ok, known.contains(file.tag) {
            return Response(status: .notModified, headers: headers, body: .init())
        }
        headers[.contentType] = file.type
        if let packed = file.gzip, Self.takesGzip(request.headers[.acceptEncoding]) {
            headers[.contentEncoding] = "gzip"
            return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: packed)))
        }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }

    private static func takesGzip(_ field: String?) -> Bool {
        (field ?? "").split(separator: ",").contains { part in
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " } }
            guard pieces.first == "gzip" || pieces.first == "*" else { return false }
            return !pieces.dropFirst().contains { $0 == "q=0" || $0 == "q=0.0" }
        }
    }
}
