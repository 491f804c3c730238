import AsyncHTTPClient
import Compression
import Glibc
import MartletCore
import NIOCore
import NIOHTTP1
package import Service
package import Wire

/// An HTTP endpoint that takes one of the field's push formats.
package struct HTTPDestination: Destination {
    /// What the endpoint takes.
    package enum Format: Sendable, Hashable {
        /// Loki's push request: protobuf in snappy block compression.
        case lokiPush
        /// An OTLP export request: protobuf in gzip.
        case otlp(OTLP.Signal)
        /// Prometheus remote write 1: protobuf in snappy block compression.
        case remoteWrite
    }

    /// The whole URL that requests go to.
    package let url: String
    /// What the endpoint takes.
    package let format: Format
    /// Fields of every request, such as Authorization.
    package let headers: [(name: String, value: String)]
    /// How long a request may take until its answer begins.
    package let timeout: Duration
    /// How long the rest of an answer may take; after that its status counts alone.
    package let answerTimeout: Duration
    private let client: any RequestClient
    private let blocking: BlockingPool
    private let userAgent: String

    /// An endpoint at `url`, which includes the path. The rest of an answer may take as long as its beginning unless
    /// `answerTimeout` says otherwise.
    package init(
        url: String, format: Format, headers: [(name: String, value: String)] = [], timeout: Duration = .seconds(30),
        answerTimeout: Duration? = nil, userAgent: String = "martlet", client: any RequestClient, blocking: BlockingPool
    ) {
        self.url = url
        self.format = format
        self.headers = headers
        self.timeout = timeout
        self.answerTimeout = answerTimeout ?? timeout
        self.userAgent = userAgent
        self.client = client
        self.blocking = blocking
    }

    /// The URL without user and password.
    package var label: String { URLText.withoutCredentials(url) }

    package func send(_ payload: Payload) async -> DeliveryOutcome {
        do {
            let body = try await compressed(payload.body)
            let response = try await client.answer(request(payload, body), deadline: deadline)
            return await outcome(response)
        } catch let saturated as BlockingPool.Saturated {
            return .retry(reason: "\(saturated)", after: nil)
        } catch let error as CompressionError {
            return .refused(reason: "cannot compress: \(error)")
        } catch {
            return .retry(reason: ConnectionFailure.reason(error) ?? "\(error)", after: nil)
        }
    }

    private var deadline: NIODeadline {
        let (seconds, attoseconds) = timeout.components
        return .now() + .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private func compressed(_ body: [UInt8]) async throws -> [UInt8] {
        let format = format
        let work: @Sendable () throws -> [UInt8] = {
            try body.withUnsafeBytes { bytes in
                switch format {
                case .lokiPush, .remoteWrite: try Snappy.compress(bytes)
                case .otlp: try Gzip.compress(bytes, level: 1)
                }
            }
        }
        // A hop to a thread costs more than compressing a few kilobytes.
        return body.count <= 16 << 10 ? try work() : try await blocking.run(work)
    }

    private func request(_ payload: Payload, _ body: [UInt8]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-protobuf")
        request.headers.add(name: "User-Agent", value: userAgent)
        switch format {
        case .lokiPush: break
        case .otlp: request.headers.add(name: "Content-Encoding", value: "gzip")
        case .remoteWrite:
            request.headers.add(name: "Content-Encoding", value: RemoteWrite.contentEncoding)
            request.headers.add(name: RemoteWrite.versionHeader.name, value: RemoteWrite.versionHeader.value)
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let tenant = payload.tenant { request.headers.replaceOrAdd(name: "X-Scope-OrgID", value: tenant) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    private func outcome(_ response: HTTPClientResponse) async -> DeliveryOutcome {
        var answer: [UInt8] = []
        do {
            // The request's deadline ends with the head; a body that never ends must not hold the queue up.
            answer = try await withTimeLimit(answerTimeout) { try await Self.beginning(of: response.body) }
        } catch {
            if !(200..<300).contains(response.status.code) {
                return .retry(reason: "status \(response.status.code), then \(error)", after: nil)
            }
        }
        switch response.status.code {
        case 200..<300: return accepted(answer)
        case 408, 429, 300..<400, 500...:
            let after = response.headers.first(name: "Retry-After").flatMap {
                RetryAfter.parse($0, now: Int64(time(nil)))
            }
            if response.status.code == 429, format == .lokiPush {
                let limit = DeliveryLimit(lokiAnswer: String(decoding: answer, as: UTF8.self))
                return .limited(limit, reason: reason(response, answer), after: after)
            }
            return .retry(reason: reason(response, answer), after: after)
        case 401, 403:
            // The payload is sound: it waits until the credentials, or the receiver's idea of them, are put right.
            return .denied(
                reason: reason(response, answer) + "; the receiver does not accept this client's credentials")
        default: return .refused(reason: reason(response, answer))
        }
    }

    /// An answer's first 64 KiB: a longer one is no answer to a push, and its status counts all the same.
    private static func beginning(of body: HTTPClientResponse.Body) async throws -> [UInt8] {
        let limit = 64 << 10
        var bytes: [UInt8] = []
        for try await chunk in body {
            bytes.append(contentsOf: chunk.readableBytesView.prefix(limit - bytes.count))
            if bytes.count >= limit { break }
        }
        return bytes
    }

    /// What an OTLP receiver says about the part that it did not take.
    private func accepted(_ answer: [UInt8]) -> DeliveryOutcome {
        guard case .otlp(let signal) = format, !answer.isEmpty,
            let response = answer.withUnsafeBytes({ try? OTLP.ExportResponse(signal, protobuf: $0) }),
            !response.partialSuccess.isFull
        else { return .delivered }
        return .partial(
            rejected: response.partialSuccess.rejected, message: response.partialSuccess.message)
    }

    private func reason(_ response: HTTPClientResponse, _ answer: [UInt8]) -> String {
        var text = String(decoding: answer.prefix(512), as: UTF8.self)
        if case .otlp = format,
            response.headers.first(name: "Content-Type")?.hasPrefix("application/x-protobuf") == true
        {
            text = answer.withUnsafeBytes { (try? RPCStatus(protobuf: $0))?.message } ?? text
        }
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.isEmpty ? "status \(response.status.code)" : "status \(response.status.code): \(line)"
    }
}
