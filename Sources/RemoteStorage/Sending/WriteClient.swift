import AsyncHTTPClient
import Delivery
import MartletCore
import NIOCore
import NIOHTTP1
import Service
import Wire

/// Sends requests over HTTP to the receiver of a configuration.
final class WriteClient: WriteTransport {
    /// Bytes of an answer that are read.
    private static let answerLimit = 64 << 10

    private let config: RemoteWriteConfig
    private let client: ConfiguredClient

    init(_ config: RemoteWriteConfig) throws {
        self.config = config
        client = try ConfiguredClient(config.http, connectTimeoutMs: config.timeoutMs)
    }

    func shutdown() async { await client.shutdown() }

    func send(_ body: [UInt8], attempt: Int) async -> WriteAnswer {
        do {
            let request = try request(body, attempt: attempt)
            let timeout = config.timeoutMs
            return try await withTimeLimit(.milliseconds(timeout)) {
                let response = try await self.client.execute(request, timeout: .milliseconds(timeout))
                var text: [UInt8] = []
                for try await chunk in response.body {
                    text.append(contentsOf: chunk.readableBytesView.prefix(Self.answerLimit - text.count))
                    if text.count >= Self.answerLimit { break }
                }
                return self.answer(response, text)
            }
        } catch let error as HTTPClientSettings.UnreadableFile {
            return .retry(reason: "\(error)", after: nil)
        } catch is TimedOut {
            return .retry(reason: "no answer within \(PrometheusDuration.format(config.timeoutMs))", after: nil)
        } catch {
            return .retry(reason: ConnectionFailure.reason(error) ?? "\(error)", after: nil)
        }
    }

    private func request(_ body: [UInt8], attempt: Int) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: config.url)
        request.method = .POST
        request.headers.add(name: "content-encoding", value: RemoteWrite.contentEncoding)
        request.headers.add(name: "content-type", value: config.message.contentType)
        request.headers.add(name: "user-agent", value: "Martlet/\(BuildVersion.number)")
        request.headers.add(name: RemoteWrite.versionHeader.name, value: config.message.version)
        if attempt > 0 { request.headers.add(name: "retry-attempt", value: "\(attempt)") }
        for (name, value) in config.headers { request.headers.replaceOrAdd(name: name, value: value) }
        try config.http.apply(to: &request)
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    private func answer(_ response: HTTPClientResponse, _ text: [UInt8]) -> WriteAnswer {
        let code = response.status.code
        if (200..<300).contains(code) {
            let isConfirmed =
                config.message == .version1
                || response.headers.contains(name: "x-prometheus-remote-write-samples-written")
            return isConfirmed
                ? .taken
                : .refused(
                    reason: "status \(code), but the receiver does not say what it has written: not remote write 2.0")
        }
        let line = String(decoding: text.prefix(512), as: UTF8.self).split(whereSeparator: \.isNewline)
            .joined(separator: " ")
        let reason =
            "server returned HTTP status \(code) \(response.status.reasonPhrase)\(line.isEmpty ? "" : ": ")\(line)"
        guard code >= 500 || code == 429 && config.queue.retriesOn429 else { return .refused(reason: reason) }
        let after = response.headers.first(name: "retry-after").flatMap {
            RetryAfter.parse($0, now: WallClock.milliseconds / 1000)
        }
        return .retry(reason: reason, after: after)
    }
}
