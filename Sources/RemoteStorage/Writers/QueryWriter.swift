import AsyncHTTPClient
import MartletCore
import NIOCore
import NIOHTTP1
import PromQL
import Service

/// One process that writes what this one reads from an object store.
final class QueryWriter: Sendable {
    /// Why there is no answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// Whether it has said something, though nothing that helps.
        var isAnswer = false
    }

    /// It answers for another tenant than the one that was named.
    struct OtherTenant: Error, CustomStringConvertible {
        let asked: String
        let told: String

        var description: String {
            "it answers for the tenant \(told) in place of \(asked): both need the same --auth.multitenancy-enabled"
        }
    }

    /// What a writer says of a tenant.
    struct Status: Sendable {
        /// All samples before this time are in the object store; nil where there is no such time.
        let sealedBefore: Int64?
    }

    /// Where a writer tells of a tenant what it has sealed.
    static let statusPath = "/api/v1/status/sealed"
    private static let statusTimeout = Duration.seconds(5)
    private static let connectTimeoutMs: Int64 = 3000
    private static let answerLimit = 64 << 20

    /// The base URL, without a slash at the end.
    let url: String
    private let reader: RemoteReader
    private let http: HTTPClientSettings
    private let client: ConfiguredClient
    private let timeoutMs: Int64
    /// Why nothing came when it was last asked what it has sealed; nil when something did, or it was not asked yet.
    private let silence = Lock<String?>(nil)

    init(_ url: String, http: HTTPClientSettings, timeoutMs: Int64) throws {
        var config = RemoteReadConfig(url: url + "/api/v1/read")
        config.http = http
        config.timeoutMs = timeoutMs
        config.headers = [(ReadAnswer.storedLabelsHeader.name, ReadAnswer.storedLabelsHeader.value)]
        config.readsRecent = true
        config.filtersExternalLabels = false
        self.url = url
        self.http = http
        self.timeoutMs = timeoutMs
        reader = try RemoteReader(config, externalLabels: [], connectTimeoutMs: Self.connectTimeoutMs)
        client = try ConfiguredClient(http, connectTimeoutMs: Self.connectTimeoutMs)
    }

    /// Why queries need not ask it, since it was not there at the last look; nil when they should.
    var failure: String? { silence.withLock { $0 } }

    func shutdown() async {
        await reader.shutdown()
        await client.shutdown()
    }

    /// What the writer has sealed of a tenant. ``OtherTenant`` where it answers for another one.
    func status(_ tenant: String, isNamed: Bool) async throws -> Status {
        do {
            let data = try await get(
                Self.statusPath, [], tenant: isNamed ? tenant : nil, limit: 64 << 10, timeout: Self.statusTimeout)
            guard let name = data["tenant"]?.string, let sealed = data["sealedBeforeMs"],
                sealed.isNull || sealed.int64 != nil
            else {
                throw Failure(
                    description: "\(Self.statusPath) tells something else than a martlet-metrics does", isAnswer: true)
            }
            silence.withLock { $0 = nil }
            guard name == tenant else { throw OtherTenant(asked: tenant, told: name) }
            return Status(sealedBefore: sealed.int64)
        } catch let error as Failure {
            // One tenant's refusal says nothing about the others.
            silence.withLock { $0 = error.isAnswer ? nil : error.description }
            throw error
        }
    }

    /// The series of a selection with their samples from `start` on.
    func series(
        _ selection: MetricSelection, from start: Int64, tenant: String?, context: QueryContext
    ) async throws -> RemoteSeriesSet {
        var selection = selection
        selection.minTime = start
        guard let query = reader.query(selection, localStart: .max) else {
            throw Failure(description: "the selection cannot be asked for")
        }
        let wanted = selection
        return try await Self.wording { [reader] in
            try await reader.read(query, wanted, tenant: tenant, context: context)
        }
    }

    /// The elements of a list that Prometheus' API answers with. The context holds what reading the answer takes meanwhile.
    func list(
        _ path: String, _ parameters: [(String, String)], tenant: String?, context: QueryContext
    ) async throws -> [JSONValue] {
        let data = try await get(
            path, parameters, tenant: tenant, limit: Self.answerLimit, timeout: .milliseconds(timeoutMs),
            context: context)
        guard let list = data.array else { throw Failure(description: "\(path) answers with no list") }
        return list
    }

    private func get(
        _ path: String, _ parameters: [(String, String)], tenant: String?, limit: Int, timeout: Duration,
        context: QueryContext? = nil
    ) async throws -> JSONValue {
        let query = parameters.map { URLText.encoded($0.0) + "=" + URLText.encoded($0.1) }.joined(separator: "&")
        var request = HTTPClientRequest(url: url + path + (query.isEmpty ? "" : "?" + query))
        request.headers.add(name: "user-agent", value: "Martlet/\(BuildVersion.number)")
        try http.apply(to: &request)
        if let tenant { request.headers.replaceOrAdd(name: TenantName.fieldName, value: tenant) }
        let whole = request
        return try await Self.wording { [client] in
            try await withTimeLimit(timeout) {
                let response = try await client.execute(whole, deadline: .distantFuture)
                let body = try await response.body.collect(upTo: limit)
                let memory = context == nil ? 0 : Self.memory(toParse: body)
                try context?.hold(bytes: memory)
                defer { context?.release(bytes: memory) }
                let json = try? JSONValue(parsing: Array(body.readableBytesView))
                guard (200..<300).contains(response.status.code) else {
                    let text = json?["error"]?.string ?? String(buffer: body)
                    let reason = text.split(whereSeparator: \.isNewline).joined(separator: " ")
                    throw Failure(
                        description: "\(path) answers \(response.status.code): \(reason.prefix(256))", isAnswer: true)
                }
                guard let data = json?["data"] else {
                    throw Failure(description: "\(path) answers with no JSON", isAnswer: true)
                }
                return data
            }
        }
    }

    /// What a JSON text may take while it is read: itself twice, and each of its values, which bytes between them part.
    private static func memory(toParse body: ByteBuffer) -> Int {
        let parts = body.readableBytesView.count {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{")
        }
        return 2 * body.readableBytes + 96 * parts
    }

    /// Runs a request; what keeps a connection from being there is said in words.
    private static func wording<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch let error as QueryError {
            // The query's own limits.
            throw error
        } catch let error as Failure {
            throw error
        } catch is TimedOut {
            throw Failure(description: "it has not answered in time")
        } catch {
            throw Failure(description: ConnectionFailure.reason(error) ?? "\(error)")
        }
    }
}
