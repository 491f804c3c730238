import AsyncHTTPClient
import Delivery
import MartletCore
import NIOCore
package import NIOHTTP1
package import Service

/// A server that is read from, or asked about, over HTTP.
package struct Peer: Sendable {
    /// What a server said.
    package struct Answer: Sendable {
        /// The status.
        package let status: Int
        /// The body.
        package let body: [UInt8]

        /// An answer with a status and a body.
        package init(status: Int, body: [UInt8]) {
            self.status = status
            self.body = body
        }

        /// The body's beginning as one line, for messages: without what would move about on a terminal.
        package var text: String {
            PlainText.line(String(decoding: body.prefix(512), as: UTF8.self))
        }

        /// The server's own sentence about a refusal: what JSON has as `error` or `message` or is itself, or else the body's
        /// beginning; nil when it says nothing. One line without control characters.
        package var sentence: String? {
            let document = try? JSONValue(parsing: body)
            let sentence = document?.string ?? document?["error"]?.string ?? document?["message"]?.string
            let text = PlainText.line(sentence ?? String(decoding: body.prefix(4096), as: UTF8.self))
            return text.isEmpty ? nil : text
        }
    }

    /// Why there is no answer that can be used, though there may be one later.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        /// In one line.
        package let reason: String
        /// How long the server wants to be left alone.
        package let after: Duration?
        /// Whether a smaller question may get an answer.
        package let isAboutSize: Bool

        /// Why there is no answer.
        package init(reason: String, after: Duration? = nil, isAboutSize: Bool) {
            self.reason = reason
            self.after = after
            self.isAboutSize = isAboutSize
        }

        package var description: String { reason }
    }

    /// How long a server may take for an answer.
    private static let timeout = Duration.seconds(180)

    /// The base URL, without a slash at the end.
    package let url: String
    /// Fields of every request: who we are, and the tenant.
    package let headers: [(name: String, value: String)]
    /// Goes on connections with this server's certificate authorities.
    package let client: ConfiguredClient

    /// A server at a base URL.
    package init(url: String, headers: [(name: String, value: String)], client: ConfiguredClient) {
        self.url = url
        self.headers = headers
        self.client = client
    }

    /// Asks once.
    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - parameters: of the URL's query, not encoded.
    ///   - fields: further fields of the request.
    ///   - limit: bytes of an answer that are read.
    /// - Throws: ``Failure`` where trying again makes sense, ``ToolError`` where it does not.
    package func attempt(
        _ path: String, _ parameters: [(String, String)] = [], fields: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, limit: Int = 64 << 20
    ) async throws -> Answer {
        let (answer, after) = try await exchange(path, parameters, fields, body.map { (.POST, $0) }, limit)
        switch answer.status {
        case 401, 403:
            throw ToolError(
                "\(url) does not accept the credentials (status \(answer.status)\(answer.text.isEmpty ? "" : ": \(answer.text)"))"
            )
        case 408, 429, 500...:
            throw Failure(
                reason: "\(url) answers \(answer.status)\(answer.text.isEmpty ? "" : ": \(answer.text)")", after: after,
                isAboutSize: answer.status != 429 && answer.status != 503)
        default: return answer
        }
    }

    /// Asks once, and gives the answer whatever its status is.
    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - parameters: of the URL's query, not encoded.
    ///   - fields: further fields of the request.
    ///   - content: another method than GET, and the body.
    ///   - limit: bytes of an answer that are read.
    /// - Throws: ``Failure`` where there is no answer.
    package func answer(
        _ path: String, _ parameters: [(String, String)] = [], fields: [(name: String, value: String)] = [],
        content: (method: HTTPMethod, body: [UInt8])? = nil, limit: Int = 64 << 20
    ) async throws -> Answer {
        try await exchange(path, parameters, fields, content, limit).answer
    }

    private func exchange(
        _ path: String, _ parameters: [(String, String)], _ fields: [(name: String, value: String)],
        _ content: (method: HTTPMethod, body: [UInt8])?, _ limit: Int
    ) async throws -> (answer: Answer, after: Duration?) {
        let query = QueryParameter.encoded(parameters)
        var request = HTTPClientRequest(url: url + path + (query.isEmpty ? "" : "?" + query))
        request.headers.add(name: "User-Agent", value: "Martlet/\(BuildVersion.number)")
        for (name, value) in headers + fields { request.headers.replaceOrAdd(name: name, value: value) }
        if let content {
            request.method = content.method
            if !content.body.isEmpty { request.body = .bytes(ByteBuffer(bytes: content.body)) }
        }
        do {
            return try await execute(request, limit: limit)
        } catch let failure as Failure {
            throw failure
        } catch is CancellationError {
            throw CancellationError()
        } catch is TimedOut {
            throw Failure(
                reason: "\(url) has not answered within \(Self.timeout.components.seconds) s", after: nil,
                isAboutSize: true)
        } catch {
            throw Failure(
                reason: "\(url): \(ConnectionFailure.reason(error) ?? "\(error)")", isAboutSize: false)
        }
    }

    /// Asks until there is an answer, as long as `patience` has it.
    package func ask(
        _ path: String, _ parameters: [(String, String)] = [], fields: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, limit: Int = 64 << 20, patience: Patience
    ) async throws -> Answer {
        var patience = patience
        while true {
            do {
                return try await attempt(path, parameters, fields: fields, body: body, limit: limit)
            } catch let failure as Failure {
                try await patience.wait(failure.reason, after: failure.after)
            }
        }
    }

    /// Why an answer with a status such as 400 ends the work.
    package func refusal(_ path: String, _ answer: Answer) -> ToolError {
        ToolError("\(url)\(path) answers \(answer.status)\(answer.text.isEmpty ? "" : ": \(answer.text)")")
    }

    /// The sum of counts that a server gives as floating-point numbers; nil for what is no count.
    package static func count(_ numbers: [Double]) -> Int64? {
        let total = numbers.reduce(0, +)
        // Up to here all whole numbers are told apart.
        guard total >= 0, total <= 9_007_199_254_740_992 else { return nil }
        return Int64(total)
    }

    private func execute(_ request: HTTPClientRequest, limit: Int) async throws -> (answer: Answer, after: Duration?) {
        let url = url
        return try await withTimeLimit(Self.timeout) { [client] in
            let response = try await client.execute(request, deadline: .distantFuture)
            let status = Int(response.status.code)
            let after = response.headers.first(name: "Retry-After").flatMap {
                RetryAfter.parse($0, now: WallClock.milliseconds / 1000)
            }
            var bytes: [UInt8] = []
            let isRefusal = status >= 400
            for try await chunk in response.body {
                let room = (isRefusal ? 64 << 10 : limit) - bytes.count
                if chunk.readableBytes > room {
                    if isRefusal { break }
                    throw Failure(
                        reason: "\(url): an answer is larger than \(ByteSize.format(limit))", after: nil,
                        isAboutSize: true)
                }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            return (Answer(status: status, body: bytes), after)
        }
    }
}
