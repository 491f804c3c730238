import AsyncHTTPClient
import Durable
import Hummingbird
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Service
import TraceServer
import TraceStorage
import Wire

/// The query API over a store of its own.
enum QueryServer {
    /// The server's time, Unix nanoseconds.
    static let now: UInt64 = 1_700_000_100_000_000_000

    struct Answer {
        let status: Int
        let type: String
        let body: String
    }

    /// Asks for a path, with further headers.
    typealias Get = @Sendable (String, [String: String]) async throws -> Answer

    /// Serves `traces` to tenant `single-tenant`, or to `team` when tenants are told apart.
    static func with(
        _ traces: OTLP.Traces, multitenant: Bool = false, _ body: (Get) async throws -> Void
    ) async throws {
        try await serving([traces], multitenant: multitenant) { url in
            try await body { path, headers in
                var request = HTTPClientRequest(url: url + path)
                for (name, value) in headers { request.headers.add(name: name, value: value) }
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
                let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
                return Answer(
                    status: Int(response.status.code), type: response.headers.first(name: "Content-Type") ?? "",
                    body: text)
            }
        }
    }

    /// Serves several requests' spans, at a URL.
    static func serving(
        _ requests: [OTLP.Traces], multitenant: Bool = false, _ body: (String) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("routes")
        let database = try TraceDatabase(
            directory.path, options: TraceStoreOptions(), budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
        let tenant = multitenant ? try TenantID("team") : .single
        for traces in requests {
            _ = try await database.store(for: tenant, now: now) { try $0() }.append(traces.protobuf(), now: now)
        }
        let router = Daemon.makeRouter()
        QueryRoutes(
            database, tenants: TenantRule(isMultitenant: multitenant), limits: QueryLimits(),
            queries: BlockingPool(threads: 2), now: { now }
        ).register(on: router)
        let server = try await EmbeddedServer(router: router, readPaths: [QueryRoutes.streamingPath], speaksHTTP2: true)
        do {
            try await body(server.url)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        withExtendedLifetime(directory) {}
    }

    /// A text as it stands in a URL's query.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            let hex = String(byte, radix: 16)
            return isPlain ? String(Unicode.Scalar(byte)) : "%" + (hex.utf8.count == 1 ? "0" : "") + hex
        }.joined()
    }
}
