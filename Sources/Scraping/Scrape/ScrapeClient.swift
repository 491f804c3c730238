import AsyncHTTPClient
import Compression
import MartletCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Service
import Wire

/// Fetches the answers of one job's targets: an HTTP client with the job's TLS and redirect settings, and its headers.
final class ScrapeClient: Sendable {
    /// An answer's body as it was sent, and its format.
    struct Answer: Sendable {
        let body: ByteBuffer
        let isCompressed: Bool
        let format: ExpositionFormat
        let limit: Int

        /// Gives the decompressed body to `body`.
        func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
            try self.body.withUnsafeReadableBytes { bytes in
                guard isCompressed else { return try body(bytes) }
                do {
                    return try Gzip.decompress(bytes, limit: limit).withUnsafeBytes(body)
                } catch CompressionError.tooLarge {
                    throw ScrapeClient.tooLarge(limit)
                } catch let error as CompressionError {
                    throw ScrapeFailure("the answer cannot be decompressed: \(error)")
                }
            }
        }
    }

    /// Bodies beyond this are refused also without `body_size_limit`.
    private static let largestBody = 512 << 20

    private let job: ScrapeConfig
    private let client: HTTPClient
    private let bodyLimit: Int

    init(_ job: ScrapeConfig) throws {
        self.job = job
        bodyLimit = job.limits.bodySize > 0 ? job.limits.bodySize : Self.largestBody
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration =
            job.http.followsRedirects ? .follow(max: 10, allowCycles: false) : .disallow
        configuration.timeout.connect = .milliseconds(job.timeoutMs)
        configuration.httpVersion = .http1Only
        if let tls = job.http.tls { configuration.tlsConfiguration = try Self.tls(tls) }
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    func shutdown() async {
        try? await client.shutdown()
    }

    /// Asks a target. Every failure is told in Prometheus' words.
    func fetch(_ target: Target) async throws(ScrapeFailure) -> Answer {
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            // The client's own deadline ends with the head of the answer.
            (response, body) = try await withTimeLimit(.milliseconds(target.timeoutMs)) {
                try await self.exchange(target)
            }
        } catch {
            throw failure(error, target)
        }
        let type = response.headers.first(name: "content-type") ?? ""
        guard let format = ExpositionFormat(contentType: type) ?? fallback else {
            throw ScrapeFailure(
                type.isEmpty
                    ? "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target"
                    : "received unsupported Content-Type \"\(type)\" and no fallback_scrape_protocol specified for target"
            )
        }
        let encoding = response.headers.first(name: "content-encoding")?.lowercased() ?? "identity"
        guard ["identity", "gzip", ""].contains(encoding) else {
            throw ScrapeFailure("received unsupported Content-Encoding \"\(encoding)\"")
        }
        return Answer(body: body, isCompressed: encoding == "gzip", format: format, limit: bodyLimit)
    }

    /// Sends the request and gathers the whole answer.
    private func exchange(_ target: Target) async throws -> (HTTPClientResponse, ByteBuffer) {
        let response = try await client.execute(request(target), timeout: .milliseconds(target.timeoutMs))
        guard response.status == .ok else {
            throw ScrapeFailure(
                "server returned HTTP status \(response.status.code) \(response.status.reasonPhrase)")
        }
        var body = ByteBuffer()
        for try await chunk in response.body {
            guard body.readableBytes + chunk.readableBytes <= bodyLimit else { throw Self.tooLarge(bodyLimit) }
            body.writeImmutableBuffer(chunk)
        }
        return (response, body)
    }

    private var fallback: ExpositionFormat? { job.fallbackContentType.flatMap(ExpositionFormat.init(contentType:)) }

    static func tooLarge(_ limit: Int) -> ScrapeFailure {
        ScrapeFailure("body size limit exceeded: more than \(limit) bytes (body_size_limit)")
    }

    private func request(_ target: Target) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: target.url)
        request.headers.add(name: "accept", value: ExpositionFormat.scrapeAccept)
        request.headers.add(name: "accept-encoding", value: job.enablesCompression ? "gzip" : "identity")
        request.headers.add(name: "user-agent", value: "Martlet/\(BuildVersion.number)")
        request.headers.add(
            name: "x-prometheus-scrape-timeout-seconds", value: FloatText.string(Double(target.timeoutMs) / 1000))
        for (name, value) in job.http.headers { request.headers.replaceOrAdd(name: name, value: try Self.text(value)) }
        switch job.http.authorization {
        case .basic(let user, let password):
            request.setBasicAuth(
                username: try Self.text(user), password: try password.map(Self.text) ?? "")
        case .header(let type, let credentials):
            request.headers.replaceOrAdd(name: "authorization", value: "\(type) \(try Self.text(credentials))")
        case nil: break
        }
        return request
    }

    private func failure(_ error: any Error, _ target: Target) -> ScrapeFailure {
        if let failure = error as? ScrapeFailure { return failure }
        let clientError = error as? HTTPClientError
        if error is TimedOut || clientError == .deadlineExceeded || clientError == .connectTimeout {
            return ScrapeFailure("Get \"\(target.url)\": context deadline exceeded")
        }
        if error is CancellationError || clientError == .cancelled {
            return ScrapeFailure("Get \"\(target.url)\": context canceled")
        }
        return ScrapeFailure("Get \"\(target.url)\": \(error)")
    }

    private static func text(_ credential: HTTPClientSettings.Credential) throws(ScrapeFailure) -> String {
        switch credential {
        case .value(let secret): return secret.revealed
        case .file(let path):
            guard let text = SmallFile.read(path) else { throw ScrapeFailure("unable to read the file \(path)") }
            // Go trims blanks around what it reads.
            var bytes = Substring(text)
            while let last = bytes.last, last.isWhitespace { bytes.removeLast() }
            while let first = bytes.first, first.isWhitespace { bytes.removeFirst() }
            return String(bytes)
        }
    }

    private static func tls(_ settings: HTTPClientSettings.TLS) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorities = settings.authorities {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(try text(authorities).utf8)))
        }
        if let certificate = settings.certificate, let key = settings.key {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(try text(certificate).utf8)).map {
                .certificate($0)
            }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(try text(key).utf8), format: .pem))
        }
        if settings.skipsVerification { tls.certificateVerification = .none }
        if let name = settings.minimumVersion { tls.minimumTLSVersion = version(name) }
        if let name = settings.maximumVersion { tls.maximumTLSVersion = version(name) }
        return tls
    }

    private static func version(_ name: String) -> TLSVersion {
        switch name {
        case "TLS10": .tlsv1
        case "TLS11": .tlsv11
        case "TLS13": .tlsv13
        default: .tlsv12
        }
    }
}
