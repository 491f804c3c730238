import ArgumentParser
import AsyncHTTPClient
import Compression
import Durable
import Glibc
import Logging
import MartletCore
import MetricServer
import MetricStorage
import NIOCore
import NIOHTTP1
import Scraping
import Service
import Wire

/// A server on a free port with an empty store; time of the samples is now.
struct ServerFixture {
    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    let server: EmbeddedServer
    let store: MetricStore
    let now: Int64

    func get(_ path: String) async throws -> (status: Int, json: JSONValue, text: String) {
        try await send(HTTPClientRequest(url: server.url + path))
    }

    func post(
        _ path: String, _ body: [UInt8], _ headers: [(String, String)] = []
    ) async throws -> (status: Int, json: JSONValue, text: String) {
        var request = HTTPClientRequest(url: server.url + path)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(request)
    }

    func write(_ series: [(name: String, time: Int64, value: Double)]) async throws -> (status: Int, text: String) {
        var encoder = RemoteWrite.Encoder()
        for item in series {
            encoder.series(
                Labels([("__name__", item.name), ("job", "j")]),
                [RemoteWrite.WriteRequest.Sample(timestamp: item.time, value: item.value)])
        }
        let message = encoder.bytes
        let body = try message.withUnsafeBytes { try Snappy.compress($0) }
        let answer = try await post("/api/v1/write", body)
        return (answer.status, answer.text)
    }

    private func send(_ request: HTTPClientRequest) async throws -> (status: Int, json: JSONValue, text: String) {
        let (response, text) = try await answer(to: request)
        return (Int(response.status.code), (try? JSONValue(parsing: text)) ?? .null, text)
    }

    private func answer(to request: HTTPClientRequest) async throws -> (HTTPClientResponse, String) {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        return (response, String(buffer: try await response.body.collect(upTo: 16 << 20)))
    }

    /// Sends a remote write 2.0 message; gives status, text, and what the answer says was written: samples, histograms,
    /// exemplars.
    func writeVersion2(_ message: [UInt8]) async throws -> (status: Int, text: String, written: [String?]) {
        var request = HTTPClientRequest(url: server.url + "/api/v1/write")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: RemoteWrite.Message.version2.contentType)
        request.headers.add(name: "Content-Encoding", value: "snappy")
        request.body = .bytes(ByteBuffer(bytes: try message.withUnsafeBytes { try Snappy.compress($0) }))
        let (response, text) = try await answer(to: request)
        let written = ["Samples", "Histograms", "Exemplars"].map {
            response.headers.first(name: "X-Prometheus-Remote-Write-\($0)-Written")
        }
        return (Int(response.status.code), text, written)
    }
}

/// Runs `body` with a server that was given `flags`, whose samples before `sealedBefore` are said to be in an object store.
func withServer(
    _ flags: [String] = [], sealedBefore: Int64? = nil, _ body: (ServerFixture) async throws -> Void
) async throws {
    let logger = ServerFixture.logger
    let directory = try TemporaryDirectory()
    let store = try MetricStore(directory.path, budget: MemoryBudget(limitBytes: 1 << 30), logger: logger)
    let blocking = BlockingPool(threads: 2)
    let scrapes = ScrapeManager(
        [], .init(store: store, blocking: blocking, logger: logger))
    let metrics = MetricServer(
        store: store, scrapes: scrapes, config: .scrapingItself(at: "127.0.0.1:1"),
        flags: try MetricFlags.parse(flags), flagValues: [("query.timeout", "2m")],
        sealedBefore: { _ in sealedBefore }, blocking: blocking, logger: logger)
    let router = Daemon.makeRouter()
    metrics.addRoutes(to: router)
    let server = try await EmbeddedServer(router: router)
    let now = wallClockMs()
    do {
        try await body(ServerFixture(server: server, store: store, now: now))
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
    withExtendedLifetime(directory) {}
}

private func wallClockMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
