import Compression
import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Service
import Wire

/// A receiver of remote write that keeps what it gets and answers as it is told.
final class WriteReceiverDouble: Sendable {
    /// What one request brought.
    struct Received: Sendable {
        var headers: [String: String]
        /// `series@timestamp=value`, histograms with their count, exemplars with their labels.
        var samples: [String]
        var metadata: [String]
    }

    private let answer: Lock<@Sendable (Received) -> HTTPResponse.Status>
    private let stream: AsyncStream<Received>
    private let continuation: AsyncStream<Received>.Continuation
    let server: EmbeddedServer

    /// Listens, and answers with what `answer` says to a request; only those that were taken count as received.
    init(answer: @escaping @Sendable (Received) -> HTTPResponse.Status = { _ in .noContent }) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Received.self)
        self.stream = stream
        self.continuation = continuation
        let reply = Lock(answer)
        self.answer = reply
        let router = Daemon.makeRouter()
        router.post("/write") { request, context -> Response in
            let body = try await requestBody(request, context, limit: 8 << 20)
            let received = try Self.decode(
                Array(body.readableBytesView), isVersion2: request.headers[.contentType]?.contains("v2") == true,
                headers: Dictionary(
                    request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { first, _ in first }))
            let status = reply.withLock { $0 }(received)
            if status.kind == .successful { continuation.yield(received) }
            var response = Response(status: status)
            if let name = HTTPField.Name("X-Prometheus-Remote-Write-Samples-Written") { response.headers[name] = "0" }
            return response
        }
        server = try await EmbeddedServer(router: router)
    }

    var url: String { server.url + "/write" }

    func answerWith(_ answer: @escaping @Sendable (Received) -> HTTPResponse.Status) {
        self.answer.withLock { $0 = answer }
    }

    /// Waits for so many samples, in the order in which they came.
    func samples(_ count: Int) async -> [String] {
        var found: [String] = []
        for await received in stream {
            found += received.samples
            if found.count >= count { break }
        }
        return found
    }

    /// Waits for a request.
    func request() async -> Received? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }

    private static func decode(
        _ body: [UInt8], isVersion2: Bool, headers: [String: String]
    ) throws -> Received {
        var received = Received(headers: headers, samples: [], metadata: [])
        let bytes = try body.withUnsafeBytes { try Snappy.decompress($0, limit: 8 << 20) }
        var request = RemoteWrite.WriteRequest()
        try bytes.withUnsafeBytes { buffer in
            if isVersion2 { try request.decodeVersion2(buffer) } else { try request.decode(buffer) }
            for series in request.series {
                let labels = request.labels(series.labels).description
                for sample in request.samples[series.samples] {
                    received.samples.append("\(labels)@\(sample.timestamp)=\(sample.value)")
                }
                for range in request.histograms[series.histograms] {
                    let histogram = try RemoteWrite.Histogram(range, in: buffer)
                    received.samples.append("\(labels)@\(histogram.timestamp)=count \(histogram.count)")
                }
                for exemplar in request.exemplars[series.exemplars] {
                    let own = request.labels(exemplar.labels).description
                    received.samples.append("\(labels)@\(exemplar.timestamp)=\(own) \(exemplar.value)")
                }
            }
            for item in request.metadata {
                received.metadata.append("\(item.family.text(in: buffer)) \(item.type) \(item.help.text(in: buffer))")
            }
        }
        return received
    }
}
