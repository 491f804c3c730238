package import AsyncHTTPClient
import Durable
import MartletCore
import NIOCore
import NIOHTTP1
package import Service
import Wire

/// Posts notifications to webhooks.
package struct WebhookSender: Sendable {
    private let client: HTTPClient
    private let directClient: HTTPClient
    private let blocking: BlockingPool
    private let answerTimeout: Duration

    /// `client` follows redirects, `directClient` does not; files with secrets are read on `blocking`. The rest of an
    /// answer that has begun is waited for no longer than `answerTimeout`.
    package init(
        client: HTTPClient, directClient: HTTPClient, blocking: BlockingPool, answerTimeout: Duration = .seconds(10)
    ) {
        self.client = client
        self.directClient = directClient
        self.blocking = blocking
        self.answerTimeout = answerTimeout
    }

    /// One attempt; returns when the receiver has answered 2xx.
    package func send(_ body: [UInt8], to webhook: WebhookConfig, timeout seconds: Double) async throws(NotifyError) {
        var request = HTTPClientRequest(url: try await url(of: webhook))
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "Alertmanager/\(BuildVersion.number) (martlet)")
        for header in webhook.http.headers { request.headers.add(name: header.name, value: header.value.revealed) }
        if let value = try await authorization(webhook.http.credentials) {
            request.headers.replaceOrAdd(name: "Authorization", value: value)
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        let status: UInt
        do {
            let client = webhook.http.followRedirects ? client : directClient
            let response = try await client.execute(request, timeout: .milliseconds(Int64(seconds * 1000)))
            status = response.status.code
            // The answer's text is not used, but read so that the connection can be used again. One that does not end is
            // given up; its status counts.
            try? await withTimeLimit(min(.seconds(seconds), answerTimeout)) {
                var read = 0
                for try await chunk in response.body {
                    read += chunk.readableBytes
                    if read > 1 << 20 { break }
                }
            }
        } catch {
            throw NotifyError(reason: ConnectionFailure.reason(error) ?? "\(error)", canRetry: true)
        }
        guard (200..<300).contains(status) else {
            throw NotifyError(
                reason: "unexpected status code \(status)", canRetry: status >= 500 || status == 429)
        }
    }

    private func url(of webhook: WebhookConfig) async throws(NotifyError) -> String {
        switch webhook.target {
        case .url(let secret): return secret.revealed
        case .file(let path): return try await contents(of: path)
        }
    }

    private func authorization(_ credentials: HTTPClientConfig.Credentials) async throws(NotifyError) -> String? {
        switch credentials {
        case .none: return nil
        case .basic(let user, let password):
            let pair = Array("\(user):\(try await reveal(password))".utf8)
            return "Basic " + String(decoding: pair.withUnsafeBytes { Base64.encode($0) }, as: UTF8.self)
        case .header(let scheme, let value): return "\(scheme) \(try await reveal(value))"
        }
    }

    private func reveal(_ source: HTTPClientConfig.SecretSource) async throws(NotifyError) -> String {
        switch source {
        case .value(let secret): return secret.revealed
        case .file(let path): return try await contents(of: path)
        }
    }

    private func contents(of path: String) async throws(NotifyError) -> String {
        do {
            let bytes = try await blocking.run { try DiskFileSystem().read(path, limit: 1 << 16) }
            var text = String(decoding: bytes, as: UTF8.self)[...]
            while let last = text.last, last.isWhitespace { text = text.dropLast() }
            return String(text)
        } catch {
            throw NotifyError(reason: "cannot read \(path): \(error)", canRetry: true)
        }
    }
}
