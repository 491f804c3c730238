import AsyncHTTPClient
import Compression
import MartletCore
import NIOCore
import NIOHTTP1
import Service
import Wire

/// Fetches the answers of one job's targets: an HTTP client with the job's TLS and redirect settings, and its headers.
final class ScrapeClient: Sendable {
    /// An answer's body as it was sent, and its format.
    struct Answer: Sendable {
        let body: ByteBuffer
        let isCompressed: Bool
        let format: ScrapeFormat
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
    private let client: ConfiguredClient
    private let bodyLimit: Int
    private let accept: String

    /// A client for a job; with `startsAtZero` protobuf is preferred, since it tells when counts began.
    init(_ job: ScrapeConfig, startsAtZero: Bool) throws {
        self.job = job
        let prefersProtobuf = startsAtZero || job.histograms.takesNative
        accept = ScrapeProtocol.accept(
            job.protocols ?? (prefersProtobuf ? ScrapeProtocol.protobufFirst : ScrapeProtocol.standard))
        bodyLimit = job.limits.bodySize > 0 ? job.limits.bodySize : Self.largestBody
        client = try ConfiguredClient(job.http, connectTimeoutMs: job.timeoutMs)
    }

    func shutdown() async {
        await client.shutdown()
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
        guard let format = ScrapeFormat(contentType: type) ?? job.fallbackProtocol?.format else {
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

    static func tooLarge(_ limit: Int) -> ScrapeFailure {
        ScrapeFailure("body size limit exceeded: more than \(limit) bytes (body_size_limit)")
    }

    private func request(_ target: Target) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: target.url)
        request.headers.add(name: "accept", value: accept)
        request.headers.add(name: "accept-encoding", value: job.enablesCompression ? "gzip" : "identity")
        request.headers.add(name: "user-agent", value: "Martlet/\(BuildVersion.number)")
        request.headers.add(
            name: "x-prometheus-scrape-timeout-seconds", value: FloatText.string(Double(target.timeoutMs) / 1000))
        try job.http.apply(to: &request)
        return request
    }

    private func failure(_ error: any Error, _ target: Target) -> ScrapeFailure {
        if let failure = error as? ScrapeFailure { return failure }
        if let unreadable = error as? HTTPClientSettings.UnreadableFile { return ScrapeFailure("\(unreadable)") }
        let clientError = error as? HTTPClientError
        if error is TimedOut || clientError == .deadlineExceeded || clientError == .connectTimeout {
            return ScrapeFailure("Get \"\(target.url)\": context deadline exceeded")
        }
        if error is CancellationError || clientError == .cancelled {
            return ScrapeFailure("Get \"\(target.url)\": context canceled")
        }
        if let reason = ConnectionFailure.reason(error) {
            return ScrapeFailure("Get \"\(target.url)\": connect: \(reason)")
        }
        return ScrapeFailure("Get \"\(target.url)\": \(error)")
    }
}
