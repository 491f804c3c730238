import AsyncHTTPClient
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Service

/// Posts alerts from a queue to one Alertmanager (API v2), until the queue is closed.
struct AlertmanagerSender: Sendable {
    /// An answer other than 2xx.
    private struct BadStatus: Error, CustomStringConvertible {
        let code: UInt
        let reason: String

        var description: String { "bad response status \(code) \(reason)" }
        /// False when the same alerts would be refused again.
        var mayRetry: Bool { code >= 500 || code == 429 }
    }

    /// A batch is tried this often; alerts that are still active come again by themselves.
    private static let attempts = 4

    let url: String
    let http: HTTPClientSettings
    let timeoutMs: Int64
    let client: ConfiguredClient
    let queue: AlertQueue
    let batchSize: Int
    /// Before a batch is tried again; doubles each time.
    let retryWait: Duration
    let logger: Logger

    func run() async {
        while let batch = await queue.next(batchSize) { await send(batch) }
    }

    private func send(_ batch: [AlertNotification]) async {
        let body = ByteBuffer(bytes: AlertNotification.json(batch))
        var wait = retryWait
        for attempt in 1...Self.attempts {
            do {
                try await post(body)
                queue.noteSent(batch.count)
                return
            } catch {
                let isFinal =
                    attempt == Self.attempts || Task.isCancelled || queue.isClosed
                    || (error as? BadStatus)?.mayRetry == false
                logger.error(
                    "alerts cannot be sent",
                    metadata: [
                        "alertmanager": "\(url)", "count": "\(batch.count)", "error": "\(error)",
                        "tried_again": "\(!isFinal)",
                    ])
                if isFinal { break }
                try? await Task.sleep(for: wait)
                wait *= 2
            }
        }
        queue.noteFailed(batch.count)
    }

    private func post(_ body: ByteBuffer) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "Martlet/\(BuildVersion.number)")
        try http.apply(to: &request)
        request.body = .bytes(body)
        let sent = request
        try await withTimeLimit(.milliseconds(timeoutMs)) {
            let response = try await client.execute(sent, timeout: .milliseconds(timeoutMs))
            guard (200..<300).contains(response.status.code) else {
                throw BadStatus(code: response.status.code, reason: response.status.reasonPhrase)
            }
            // Read so that the connection can be used again.
            var read = 0
            for try await chunk in response.body {
                read += chunk.readableBytes
                if read > 1 << 20 { break }
            }
        }
    }
}
