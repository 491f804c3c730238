import AsyncHTTPClient
import Durable
import LogServer
import LogStorage
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import RemoteStorage
import Rules
import Service

/// A log server with rules on a free port, over a directory that a later one can go on with.
final class RulerFixture: Sendable {
    typealias Method = HTTPMethod

    struct Answer {
        let status: Int
        let type: String
        let text: String

        var json: JSONValue { (try? JSONValue(parsing: text)) ?? .null }
    }

    static let nowMs = LogsClient.now / 1_000_000

    let ruler: Ruler
    let forwarding: TenantForwarding?
    private let server: EmbeddedServer
    private let store: LogStore
    private let pools: [BlockingPool]

    /// - Parameters:
    ///   - path: a directory; rules are in `rules` below it.
    ///   - records: whether recorded series are kept for a receiver.
    init(
        _ path: String, records: Bool = false, maxTenants: Int = 100, _ change: (inout LogConfig) -> Void = { _ in }
    ) async throws {
        var config = LogConfig()
        config.ruler.directory = path + "/rules"
        if records {
            config.ruler.remoteWrite = .init([RemoteWriteConfig(url: "http://127.0.0.1:1/write")])
        }
        change(&config)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let budget = MemoryBudget(limitBytes: 256 << 20)
        store = try LogStore(
            path, options: LogStorageOptions(), budget: budget, logger: quiet,
            clock: { LogsClient.now / 1_000_000_000 })
        let sources = TenantSources(
            store: store, deletes: try DeleteRequests(path, fileSystem: DiskFileSystem(), logger: quiet))
        pools = [BlockingPool(threads: 2), BlockingPool(threads: 2), BlockingPool(threads: 2)]
        if config.ruler.remoteWrite != nil {
            forwarding = try await TenantForwarding(
                .init(
                    path: path + "/ruler-wal", single: nil, limit: maxTenants, limitKey: "key",
                    options: ForwardingLog.Options(), budget: budget, blocking: pools[1], logger: quiet),
                settings: TenantForwarding.Settings())
        } else {
            forwarding = nil
        }
        ruler = Ruler(
            .init(
                config: config, sources: sources, stateDirectory: path + "/ruler", forwarding: forwarding,
                maxTenants: maxTenants, threads: pools[0], blocking: pools[1], logger: quiet))
        let router = Daemon.makeRouter()
        LogsServer.addRoutes(to: router, sources: sources, config: config, queries: pools[2], clock: { LogsClient.now })
        ruler.addRoutes(to: router)
        server = try await EmbeddedServer(router: router)
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ body: String = "", tenant: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: server.url + path)
        request.method = method
        request.headers.add(name: "Accept-Encoding", value: "identity")
        if let tenant { request.headers.add(name: "X-Scope-OrgID", value: tenant) }
        if !body.isEmpty {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        return Answer(
            status: Int(response.status.code), type: response.headers.first(name: "content-type") ?? "",
            text: String(buffer: try await response.body.collect(upTo: 8 << 20)))
    }

    /// Pushes a line of the app "shop", so many seconds before now.
    func push(_ line: String, secondsAgo: Int64 = 1, tenant: String? = nil) async throws -> Int {
        let time = LogsClient.now - secondsAgo * 1_000_000_000
        let body = "{\"streams\":[{\"stream\":{\"app\":\"shop\"},\"values\":[[\"\(time)\",\"\(line)\"]]}]}"
        return try await send(.POST, "/loki/api/v1/push", body, tenant: tenant).status
    }

    /// Writes a file of rules of a tenant: what stands below `groups`.
    static func write(_ path: String, _ file: String, _ groups: String) throws {
        let target = "\(path)/rules/\(file)"
        try DiskFileSystem().makeDirectories(FilePath.parent(of: target))
        try AtomicFile.publish(target, Array("groups:\n\(groups)".utf8))
    }

    /// Names of the rules that the API lists.
    func rules(_ query: String = "", tenant: String? = nil) async throws -> [String] {
        let answer = try await send(.GET, "/prometheus/api/v1/rules?\(query)", tenant: tenant)
        let groups = answer.json["data"]?["groups"]?.array ?? []
        return groups.flatMap { $0["rules"]?.array ?? [] }.compactMap { $0["name"]?.string }
    }

    func stop() async throws {
        await server.stop()
        await ruler.saveStates()
        try await forwarding?.close()
        for pool in pools { await pool.shutdown() }
        try store.close()
    }
}
