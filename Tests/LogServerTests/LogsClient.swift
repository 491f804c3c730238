import AsyncHTTPClient
import Durable
import LogServer
import LogStorage
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Service

/// A log server on a free port, with a clock that stands still, and a client for it.
final class LogsClient: Sendable {
    struct Answer {
        var status: UInt
        var text: String
        /// Whether the body is well-formed.
        var isUTF8: Bool

        /// The body as JSON.
        var json: JSONValue {
            get throws { try JSONValue(parsing: text) }
        }
    }

    /// Unix nanoseconds of the server's clock: 2026-01-01T12:00:00Z.
    static let now: Int64 = 1_767_268_800_000_000_000

    let server: EmbeddedServer
    let store: LogStore
    let deletes: DeleteRequests
    private let directory: TemporaryDirectory
    private let queries = BlockingPool(threads: 2)

    /// What the store writes through, to take its disk away.
    let files: RecordingFileSystem

    init(
        maxTenants: Int = 1000, memory: Int = 256 << 20, _ change: (inout LogConfig) -> Void = { _ in }
    ) async throws {
        var config = LogConfig()
        change(&config)
        directory = try TemporaryDirectory("logserver")
        files = try RecordingFileSystem(root: directory.path)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var options = LogStorageOptions()
        options.maxTenants = maxTenants
        store = try LogStore(
            directory.path, options: options, budget: MemoryBudget(limitBytes: memory), fileSystem: files,
            logger: quiet,
            clock: { Self.now / 1_000_000_000 })
        let router = Daemon.makeRouter()
        deletes = try DeleteRequests(
            directory.path, maxTenants: maxTenants, fileSystem: files, logger: quiet)
        LogsServer.addRoutes(
            to: router, sources: TenantSources(store: store, deletes: deletes), config: config, queries: queries,
            clock: { Self.now })
        server = try await EmbeddedServer(router: router)
    }

    func post(
        _ path: String, _ body: [UInt8], type: String = "application/json", headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: server.url + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(body)
        return try await send(request)
    }

    /// A request without a body.
    func send(_ method: String, _ path: String, headers: [(String, String)] = []) async throws -> Answer {
        var request = HTTPClientRequest(url: server.url + path)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return try await send(request)
    }

    /// The delete requests as a new process would read them.
    func reopenDeletes() throws -> DeleteRequests {
        try DeleteRequests(
            directory.path, fileSystem: files, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func get(
        _ path: String, _ parameters: [(String, String)] = [], headers: [(String, String)] = []
    ) async throws -> Answer {
        let query = parameters.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")
        var request = HTTPClientRequest(url: server.url + path + (query.isEmpty ? "" : "?" + query))
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return try await send(request)
    }

    /// Pushes lines of one stream as JSON, a second apart, the last one now.
    func push(_ labels: String, _ lines: [String], tenant: String? = nil) async throws -> Answer {
        let values = lines.enumerated().map { index, line in
            let time = Self.now - Int64(lines.count - 1 - index) * 1_000_000_000
            return "[\"\(time)\",\(Self.quoted(line))]"
        }
        let body = "{\"streams\":[{\"stream\":\(labels),\"values\":[\(values.joined(separator: ","))]}]}"
        return try await post(
            "/loki/api/v1/push", Array(body.utf8), headers: tenant.map { [("X-Scope-OrgID", $0)] } ?? [])
    }

    /// The lines of a log query over the last hour, newest first.
    func lines(_ query: String, headers: [(String, String)] = []) async throws -> [String] {
        let answer = try await get(
            "/loki/api/v1/query_range",
            [("query", query), ("end", "\(Self.now + 1)"), ("start", "\(Self.now - 3_600_000_000_000)")],
            headers: headers)
        return try answer.json["data"]?["result"]?.array?.flatMap { stream in
            stream["values"]?.array?.compactMap { $0[1]?.string } ?? []
        } ?? [answer.text]
    }

    func stop() async {
        await server.stop()
        await queries.shutdown()
    }

    private func send(_ request: HTTPClientRequest) async throws -> Answer {
        var request = request
        // The client gives up on answers that shrink by more than a factor of 25, as repetitive test data does.
        request.headers.replaceOrAdd(name: "Accept-Encoding", value: "identity")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let body = try await response.body.collect(upTo: 32 << 20)
        return Answer(
            status: response.status.code, text: String(buffer: body),
            isUTF8: String(validating: body.readableBytesView, as: UTF8.self) != nil)
    }

    private static func quoted(_ text: String) -> String {
        var json = JSONWriter()
        json.string(text)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                byte < 128 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
            return isPlain ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
