import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import NIOHTTP1
import Service

/// Passes queries on to the sources' servers and streams their answers back.
///
/// What goes out is rebuilt from scratch: the checked path, a few fields by name, the source's own credentials. Cookies
/// and the browser's credentials never leave; of the answer only a few fields come back.
struct DataSourceProxy: Sendable {
    /// Largest body of a query.
    static let requestLimit = 1 << 20
    /// Largest answer that is passed back.
    static let answerLimit = 256 << 20
    /// Longest time until an answer begins and for the whole of it.
    static let patience = TimeAmount.seconds(120)

    let clients: SourceClients
    private let shared = SharedWork<QueryBatch.Question, QueryBatch.Content>()

    init(clients: SourceClients) {
        self.clients = clients
    }

    private static let requestFields = ["Accept", "Accept-Encoding", "Content-Type", "X-Loki-Response-Encoding-Flags"]
    private static let answerFields = ["Content-Type", "Content-Encoding", "Retry-After", "Warning"]

    private static let needsEditor = "This needs the role Editor."

    /// - Parameter path: what follows the proxy's own path, percent-encoded, beginning with a slash.
    func pass(_ call: Call, to source: DataSource, path: String) async throws -> Response {
        let (request, context) = (call.request, call.context)
        let checked: String
        do {
            checked = try ProxyRules.check(
                source.kind, method: request.method, path: path, mayChange: call.caller.may(.editor))
        } catch .needsEditor {
            throw HTTPFailure(.forbidden, Self.needsEditor)
        } catch .malformed {
            throw HTTPFailure(.badRequest, "the path is malformed")
        } catch {
            throw HTTPFailure(
                .forbidden, "\(request.method.rawValue) \(path) is not a query of a \(source.kind) source")
        }
        let query = request.uri.query.map { "?" + $0 } ?? ""
        var outgoing = HTTPClientRequest(url: source.url + checked + query)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for name in Self.requestFields {
            if let field = HTTPField.Name(name), let value = request.headers[field] {
                outgoing.headers.add(name: name, value: value)
            }
        }
        Self.addCredentials(of: source, to: &outgoing.headers)
        if request.method == .post {
            outgoing.body = .bytes(try await requestBody(request, context, limit: Self.requestLimit))
        }
        let answer: HTTPClientResponse
        do {
            answer = try await execute(outgoing, of: source, for: context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Self.failure(error, of: source)
        }
        return Self.response(answer)
    }

    /// One query of a batch, answered in memory; failures become answers with their status. Equal queries of one moment, of one
    /// page or of many people's, are sent to their source once: it cannot tell who asks.
    func answer(_ query: QueryBatch.Query) async -> QueryBatch.Content {
        await shared.result(for: query.question) { await ask(query.question) }
    }

    private func ask(_ query: QueryBatch.Question) async -> QueryBatch.Content {
        func answer(_ status: Int, _ message: String) -> QueryBatch.Content {
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("message")
            writer.string(message)
            writer.endObject()
            return QueryBatch.Content(
                status: status, encoding: "identity", body: ByteBuffer(bytes: writer.bytes))
        }
        let parts = query.path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let method: HTTPRequest.Method = query.form == nil ? .get : .post
        let checked: String
        do {
            checked = try ProxyRules.check(
                query.source.kind, method: method, path: String(parts.first ?? ""), mayChange: false)
        } catch .needsEditor {
            return answer(403, "a batch only asks; send this alone")
        } catch .malformed {
            return answer(400, "the path is malformed")
        } catch {
            return answer(403, "\(method.rawValue) \(query.path) is not a query of a \(query.source.kind) source")
        }
        var outgoing = HTTPClientRequest(url: query.source.url + checked + (parts.count > 1 ? "?" + parts[1] : ""))
        outgoing.headers.add(name: "Accept", value: "application/json")
        outgoing.headers.add(name: "Accept-Encoding", value: "gzip")
        Self.addCredentials(of: query.source, to: &outgoing.headers)
        if let form = query.form {
            outgoing.method = .POST
            outgoing.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            outgoing.body = .bytes(ByteBuffer(string: form))
        }
        do {
            let response = try await clients.execute(outgoing, for: query.source, timeout: Self.patience)
            let encoding = response.headers.first(name: "Content-Encoding")?.lowercased() ?? "identity"
            guard encoding == "identity" || encoding == "gzip" else {
                return answer(502, "\(query.source.name) answers in the encoding \(encoding)")
            }
            // The source's own 401 is about its credentials, not about our session.
            let status = response.status == .unauthorized ? 502 : Int(response.status.code)
            let body = try await response.body.collect(upTo: QueryBatch.answerLimit)
            return QueryBatch.Content(status: status, encoding: encoding, body: body)
        } catch is NIOTooManyBytesError {
            return answer(413, "the answer exceeds \(QueryBatch.answerLimit >> 20) MiB")
        } catch {
            return answer(502, Self.failure(error, of: query.source).message)
        }
    }

    /// Waits for an answer as long as the browser does: a page that was left ends its queries at the source.
    private func execute(
        _ request: HTTPClientRequest, of source: DataSource, for context: ServiceContext
    ) async throws -> HTTPClientResponse {
        try await withThrowingTaskGroup(of: HTTPClientResponse?.self) { group in
            group.addTask { [clients] in
                try await clients.execute(request, for: source, timeout: Self.patience)
            }
            group.addTask {
                while context.isClientConnected { try await Task.sleep(for: .milliseconds(250)) }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let answer = first else { throw CancellationError() }
            return answer
        }
    }

    /// Asks whether a source answers.
    /// - Returns: nil when it does, else the reason why not.
    func health(of source: DataSource) async -> String? {
        let path =
            switch source.kind {
            case .prometheus: "/api/v1/query?query=1"
            case .loki, .tempo: "/ready"
            case .alertmanager: "/api/v2/status"
            }
        var request = HTTPClientRequest(url: source.url + path)
        Self.addCredentials(of: source, to: &request.headers)
        do {
            let answer = try await clients.execute(request, for: source, timeout: .seconds(5))
            _ = try? await answer.body.collect(upTo: 64 << 10)
            return answer.status == .ok ? nil : "\(source.url) answers \(answer.status.code)"
        } catch {
            return Self.failure(error, of: source).message
        }
    }

    private static func addCredentials(of source: DataSource, to headers: inout HTTPHeaders) {
        if let authorization = source.authorization {
            headers.replaceOrAdd(name: "Authorization", value: authorization.revealed)
        }
        for header in source.headers { headers.replaceOrAdd(name: header.name, value: header.value.revealed) }
    }

    private static func response(_ answer: HTTPClientResponse) -> Response {
        var headers = HTTPFields()
        for name in answerFields {
            if let field = HTTPField.Name(name), let value = answer.headers.first(name: name) { headers[field] = value }
        }
        headers[.cacheControl] = "no-store"
        SecurityHeaders.data.add(to: &headers)
        // The source's own 401 is about its credentials, not about our session.
        let status = answer.status == .unauthorized ? 502 : Int(answer.status.code)
        let body = answer.body
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody { writer in
                var passed = 0
                for try await chunk in body {
                    passed += chunk.readableBytes
                    guard passed <= answerLimit else {
                        throw HTTPFailure(.badGateway, "the answer exceeds the limit of \(answerLimit) bytes")
                    }
                    try await writer.write(chunk)
                }
                try await writer.finish(nil)
            })
    }

    private static func failure(_ error: any Error, of source: DataSource) -> HTTPFailure {
        let reason =
            switch error {
            case let error as HTTPClientError
            where error == .deadlineExceeded || error == .connectTimeout
                || error == .readTimeout:
                "does not answer in time"
            default:
                ConnectionFailure.reason(error).map { "cannot be reached: \($0)" } ?? "failed: \(error)"
            }
        return HTTPFailure(.badGateway, "\(source.name) at \(source.url) \(reason)")
    }
}
