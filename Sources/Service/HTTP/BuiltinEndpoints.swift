import HTTPTypes
import Hummingbird
import Logging
import Wire

/// What every server answers by itself: `/metrics`, `/-/healthy`, `/-/ready` (also `/ready`) and `/-/reload`, `/-/snapshots`
/// where it keeps something, and `/` where it has no pages of its own.
struct BuiltinEndpoints: Sendable {
    let name: String
    let readiness: Readiness
    let registry: MetricRegistry
    /// Readings may block, on a file system that hangs for example.
    let blocking: BlockingPool
    let reload: @Sendable () async throws -> Void
    /// What takes snapshots; nil as long as there is nothing to take them of.
    var snapshots: @Sendable () -> SnapshotActions? = { nil }
    /// What `/` shows; nil for a server with pages of its own.
    var index: IndexPage?
    /// True for an address that other machines reach and that has no login but the one of the server's own pages.
    var isExposedWithoutLogin = false

    /// Endpoints that tell much or do something.
    static let sensitive: Set = ["/metrics", "/-/reload", snapshotPath]
    /// Where snapshots are taken and removed.
    static let snapshotPath = "/-/snapshots"

    /// The route's pattern when `path` is one of these endpoints.
    func route(_ path: String) -> String? {
        switch path {
        case "/metrics", "/-/healthy", "/-/ready", "/ready", "/-/reload": path
        case "/": index == nil ? nil : path
        case Self.snapshotPath: snapshots() == nil ? nil : path
        default: nil
        }
    }

    /// The answer to a request for one of these endpoints.
    func respond(to request: Request) async throws -> Response {
        switch request.uri.path {
        case "/":
            try Self.expect(request, [.get, .head])
            guard let index else { throw HTTPFailure(.notFound, "404 page not found") }
            return index.response()
        case "/metrics":
            try Self.expect(request, [.get, .head])
            let format = ExpositionFormat.negotiate(accept: request.headers[.accept])
            let registry = registry
            let text = try await blocking.run { registry.render(format) }
            return Response(
                status: .ok, headers: [.contentType: format.contentType],
                body: .init(byteBuffer: ByteBuffer(bytes: text)))
        case "/-/healthy":
            try Self.expect(request, [.get, .head])
            return Self.text("\(name) is healthy.\n")
        case "/-/ready", "/ready":
            try Self.expect(request, [.get, .head])
            if let pending = readiness.pending {
                throw HTTPFailure.retryLater(.serviceUnavailable, "not ready: \(pending)")
            }
            return Self.text(request.uri.path == "/ready" ? "ready\n" : "\(name) is ready.\n")
        case "/-/reload":
            try Self.expect(request, [.post, .put])
            do {
                try await reload()
            } catch let failure as HTTPFailure {
                throw failure
            } catch {
                throw HTTPFailure(.internalServerError, "failed to reload config: \(error)")
            }
            return Self.text("")
        case Self.snapshotPath:
            try Self.expect(request, [.post, .delete])
            guard let snapshots = snapshots() else { throw HTTPFailure(.notFound, "404 page not found") }
            return try await snapshots.respond(to: request)
        default:
            throw HTTPFailure(.notFound, "404 page not found")
        }
    }

    private static func expect(_ request: Request, _ methods: [HTTPRequest.Method]) throws(HTTPFailure) {
        guard methods.contains(request.method) else {
            throw HTTPFailure(
                .methodNotAllowed, "method \(request.method.rawValue) is not allowed here",
                headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")])
        }
    }

    private static func text(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
