import AsyncHTTPClient
import Compression
import Delivery
import Durable
import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import NIOCore
import Service
import ServiceLifecycle
import Testing
import Wire

@Suite("Sender")
struct SenderTests {
    /// What a receiver does with the n-th request.
    enum Step: Sendable {
        case answer(HTTPResponse.Status, HTTPFields = [:], [UInt8] = [])
        case stall
        /// Sends status and a part of the body, and never the rest.
        case begin(HTTPResponse.Status)
    }

    struct Received: Sendable {
        var body: [UInt8]
        var headers: HTTPFields
    }

    /// A receiver on loopback that follows a script, then accepts.
    final class Receiver: Sendable {
        let received = Lock<[Received]>([])
        private let script: Lock<[Step]>
        private let server: Lock<EmbeddedServer?> = Lock(nil)
        private let release: AsyncStream<Void>.Continuation
        let url: String

        init(_ steps: [Step]) async throws {
            let script = Lock(steps)
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            self.release = release
            let received = received
            let router = Daemon.makeRouter()
            router.post("/push") { request, context in
                let body = try await request.body.collect(upTo: 1 << 20)
                received.withLock {
                    $0.append(Received(body: [UInt8](body.readableBytesView), headers: request.headers))
                }
                switch script.withLock({ $0.isEmpty ? Step.answer(.noContent) : $0.removeFirst() }) {
                case .answer(let status, let headers, let body):
                    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
                case .begin(let status):
                    return Response(
                        status: status,
                        body: .init { writer in
                            try await writer.write(ByteBuffer(string: "so "))
                            for await _ in released {}
                            try await writer.finish(nil)
                        })
                case .stall:
                    // Answers when the test is over.
                    for await _ in released {}
                    return Response(status: .ok)
                }
            }
            self.script = script
            let server = try await EmbeddedServer(router: router, drainTime: .zero)
            url = server.url + "/push"
            self.server.withLock { $0 = server }
        }

        func stop() async {
            release.finish()
            await server.withLock { $0 }?.stop()
        }
    }

    /// Runs a sender until the queue is empty and gives the pauses it made.
    private func deliver(
        _ payloads: [[UInt8]], to receiver: Receiver, _ format: HTTPDestination.Format = .remoteWrite,
        timeout: Duration = .seconds(20), answerTimeout: Duration? = nil, maxAgeSeconds: Int64 = 3600,
        attempts: [DeliveryLimit: Int] = [:]
    ) async throws -> [Duration] {
        let directory = try TemporaryDirectory()
        let time = Lock<Int64>(0)
        let queue = try DiskQueue(
            directory.file("q"), name: "q", options: DiskQueue.Options(maxAgeSeconds: maxAgeSeconds),
            logger: DiskQueueTests.quiet, now: { time.withLock { $0 } })
        let blocking = BlockingPool(threads: 1)
        let pauses = Lock<[Duration]>([])
        let destination = HTTPDestination(
            url: receiver.url, format: format, headers: [("Authorization", "Bearer t")], timeout: timeout,
            answerTimeout: answerTimeout, client: HTTPClient.shared, blocking: blocking)
        var policy = RetryPolicy(initial: .seconds(1), maximum: .seconds(64))
        policy.attemptsAtLimit = attempts
        let sender = Sender(
            queue, to: destination, policy: policy,
            blocking: blocking,
            logger: DiskQueueTests.quiet,
            sleep: { pause in
                pauses.withLock { $0.append(pause) }
                // The clock goes on by what would have been slept.
                time.withLock { $0 += pause.components.seconds * 1000 }
                try Task.checkCancellation()
                await Task.yield()
            })
        for payload in payloads { try queue.append(payload, tenant: "team") }
        let running = Task { try await sender.run() }
        while queue.count > 0 { try await Task.sleep(for: .milliseconds(2)) }
        try queue.close()
        running.cancel()
        try await running.value
        await receiver.stop()
        await blocking.shutdown()
        return pauses.withLock { $0 }
    }

    private func bodies(_ receiver: Receiver) throws -> [[UInt8]] {
        try receiver.received.withLock { $0 }.map { received in
            try received.body.withUnsafeBytes { try Snappy.decompress($0, limit: 1 << 20) }
        }
    }

    @Test("delivers in order, with the protocol's headers")
    func order() async throws {
        let receiver = try await Receiver([])
        let pauses = try await deliver([[1], [2], [3]], to: receiver)
        #expect(try bodies(receiver) == [[1], [2], [3]])
        #expect(pauses.isEmpty)
        let headers = try #require(receiver.received.withLock { $0.first?.headers })
        #expect(headers[.contentType] == "application/x-protobuf")
        #expect(headers[.contentEncoding] == "snappy")
        #expect(headers[.authorization] == "Bearer t")
        #expect(headers[try #require(HTTPField.Name("X-Scope-OrgID"))] == "team")
        #expect(headers[try #require(HTTPField.Name("X-Prometheus-Remote-Write-Version"))] == "0.1.0")
    }

    @Test("tries again after server errors, longer each time, before anything else is sent")
    func serverErrors() async throws {
        let receiver = try await Receiver([
            .answer(.serviceUnavailable), .answer(.badGateway), .answer(.internalServerError), .answer(.requestTimeout),
        ])
        let pauses = try await deliver([[1], [2]], to: receiver)
        #expect(try bodies(receiver) == [[1], [1], [1], [1], [1], [2]])
        #expect(pauses.count == 4)
        for (index, pause) in pauses.enumerated() {
            #expect(pause >= .milliseconds(500 << index))
            #expect(pause <= .seconds(1 << index))
        }
    }

    @Test("honours Retry-After of 429 and 503")
    func retryAfter() async throws {
        let receiver = try await Receiver([
            .answer(.tooManyRequests, [.retryAfter: "17"]), .answer(.serviceUnavailable, [.retryAfter: "29"]),
        ])
        #expect(try await deliver([[1]], to: receiver) == [.seconds(17), .seconds(29)])
    }

    @Test(
        "drops what is refused for good and goes on",
        arguments: [HTTPResponse.Status.badRequest, .contentTooLarge, .notFound])
    func refused(status: HTTPResponse.Status) async throws {
        let receiver = try await Receiver([.answer(status, [:], Array("no\nreason".utf8))])
        let pauses = try await deliver([[1], [2]], to: receiver)
        #expect(try bodies(receiver) == [[1], [2]])
        #expect(pauses.isEmpty)
    }

    private static func limit(_ text: String) -> Step { .answer(.tooManyRequests, [:], Array(text.utf8)) }

    @Test(
        "drops lines that a limit on streams keeps out after so many attempts, and goes on",
        arguments: [
            "entry for stream 'x'\nmaximum active stream limit exceeded when trying to create stream {a=\"b\"}",
            "Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{}'",
        ])
    func streamLimit(text: String) async throws {
        let receiver = try await Receiver([Self.limit(text), Self.limit(text), Self.limit(text)])
        let pauses = try await deliver([[1], [2]], to: receiver, .lokiPush, attempts: [.streams: 3])
        #expect(try bodies(receiver) == [[1], [1], [1], [2]])
        #expect(pauses.count == 2)
    }

    @Test("waits at a limit on streams once, and drops what meets it next at its first refusal")
    func impatience() async throws {
        let text = "maximum active stream limit exceeded when trying"
        let receiver = try await Receiver([
            Self.limit(text), Self.limit(text), Self.limit(text), .answer(.noContent), Self.limit(text),
        ])
        let pauses = try await deliver([[1], [2], [3], [4], [5]], to: receiver, .lokiPush, attempts: [.streams: 2])
        #expect(try bodies(receiver) == [[1], [1], [2], [3], [4], [5]])
        #expect(pauses.count == 1)
    }

    @Test("waits without end at a limit on the rate of all, unless it is told how often to try")
    func rateLimit() async throws {
        let text = "Ingestion rate limit exceeded for user fake (limit: 4 bytes/sec)"
        let steps = [Step](repeating: Self.limit(text), count: 12)
        let patient = try await Receiver(steps)
        _ = try await deliver([[1], [2]], to: patient, .lokiPush, attempts: [.streams: 2])
        #expect(try bodies(patient) == [[UInt8]](repeating: [1], count: 13) + [[2]])
        let impatient = try await Receiver(steps)
        _ = try await deliver([[1], [2]], to: impatient, .lokiPush, attempts: [.rate: 1])
        #expect(try bodies(impatient) == [[1], [2]])
    }

    @Test("tries each payload as often as it is told to at a limit on the rate of all")
    func rateRetries() async throws {
        let refusals = [Step](repeating: Self.limit("ingestion rate limit exceeded"), count: 3)
        let receiver = try await Receiver(refusals)
        let pauses = try await deliver([[1], [2]], to: receiver, .lokiPush, attempts: [.rate: 2])
        #expect(try bodies(receiver) == [[1], [1], [2], [2]])
        #expect(pauses.count == 2)
    }

    @Test("waits without end for a server that is down, whatever is said of limits")
    func outage() async throws {
        let receiver = try await Receiver([Step](repeating: .answer(.serviceUnavailable), count: 9))
        _ = try await deliver([[1]], to: receiver, .lokiPush, attempts: [.streams: 2, .rate: 2])
        #expect(try bodies(receiver).count == 10)
    }

    @Test("keeps what is refused for its credentials until they are accepted")
    func unauthenticated() async throws {
        let receiver = try await Receiver([.answer(.unauthorized), .answer(.forbidden)])
        let pauses = try await deliver([[1], [2]], to: receiver)
        #expect(try bodies(receiver) == [[1], [1], [1], [2]])
        #expect(pauses.count == 2)
    }

    @Test("a status counts also when the rest of the answer never comes")
    func endlessAnswer() async throws {
        let receiver = try await Receiver([.begin(.ok), .begin(.serviceUnavailable)])
        let pauses = try await deliver([[1], [2]], to: receiver, answerTimeout: .milliseconds(50))
        #expect(try bodies(receiver) == [[1], [2], [2]])
        #expect(pauses.count == 1)
    }

    @Test("a receiver that stalls is tried again")
    func stall() async throws {
        let receiver = try await Receiver([.stall])
        let pauses = try await deliver([[1], [2]], to: receiver, timeout: .seconds(3))
        #expect(try bodies(receiver) == [[1], [1], [2]])
        #expect(pauses.count == 1)
    }

    @Test("a payload that waited too long is dropped at last")
    func expired() async throws {
        let receiver = try await Receiver([.answer(.serviceUnavailable, [.retryAfter: "100"])])
        _ = try await deliver([[1]], to: receiver, maxAgeSeconds: 50)
        #expect(try bodies(receiver) == [[1]])
    }

    @Test("OTLP goes out as gzip, and a partial success is not sent again")
    func otlp() async throws {
        let partial = OTLP.ExportResponse(.traces, .init(rejected: 1, message: "late")).protobuf()
        let receiver = try await Receiver([.answer(.ok, [.contentType: "application/x-protobuf"], partial)])
        let payload = [UInt8](repeating: 7, count: 40_000)
        let pauses = try await deliver([payload, [2]], to: receiver, .otlp(.traces))
        #expect(pauses.isEmpty)
        let received = receiver.received.withLock { $0 }
        #expect(received.count == 2)
        let first = try #require(received.first)
        #expect(first.headers[.contentEncoding] == "gzip")
        #expect(try first.body.withUnsafeBytes { try Gzip.decompress($0, limit: 1 << 20) } == payload)
    }

    @Test("nobody listening is tried again, and what waits survives")
    func connectionRefused() async throws {
        let receiver = try await Receiver([])
        let url = receiver.url
        await receiver.stop()
        let directory = try TemporaryDirectory()
        let queue = try DiskQueue(directory.file("q"), name: "q", logger: DiskQueueTests.quiet, now: { 0 })
        try queue.append([1])
        let blocking = BlockingPool(threads: 1)
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        let attempts = AsyncStream.makeStream(of: Void.self)
        let sender = Sender(
            queue, to: HTTPDestination(url: url, format: .lokiPush, client: client, blocking: blocking),
            blocking: blocking,
            logger: DiskQueueTests.quiet, drainTime: .zero,
            sleep: { _ in
                attempts.continuation.yield()
                try Task.checkCancellation()
                await Task.yield()
            })
        let running = Task { try await sender.run() }
        var seen = 0
        for await _ in attempts.stream {
            seen += 1
            if seen == 3 { break }
        }
        running.cancel()
        try await running.value
        #expect(queue.count == 1)
        #expect(try queue.peek()?.payload.body == [1])
        try await client.shutdown()
        await blocking.shutdown()
    }

    /// Takes payloads only when told to.
    private struct Gate: Destination {
        let label = "gate"
        let began = AsyncStream.makeStream(of: Void.self)
        let open = AsyncStream.makeStream(of: Void.self)

        func send(_ payload: Payload) async -> DeliveryOutcome {
            began.continuation.yield()
            for await _ in open.stream { return .delivered }
            return .retry(reason: "cancelled", after: nil)
        }
    }

    @Test("a request in flight when the sender stops is waited for, and not sent again")
    func stopping() async throws {
        let directory = try TemporaryDirectory()
        let queue = try DiskQueue(directory.file("q"), name: "q", logger: DiskQueueTests.quiet, now: { 0 })
        try queue.append([1])
        try queue.append([2])
        let blocking = BlockingPool(threads: 1)
        let gate = Gate()
        let sender = Sender(
            queue, to: gate, blocking: blocking, logger: DiskQueueTests.quiet, drainTime: .seconds(600))
        let running = Task { try await sender.run() }
        for await _ in gate.began.stream { break }
        running.cancel()
        gate.open.continuation.yield()
        try await running.value
        #expect(queue.count == 1)
        #expect(try queue.peek()?.payload.body == [2])
        await blocking.shutdown()
    }

    @Test("a request that takes longer than the drain time is cut, and sent again at the next start")
    func cutting() async throws {
        let directory = try TemporaryDirectory()
        let queue = try DiskQueue(directory.file("q"), name: "q", logger: DiskQueueTests.quiet, now: { 0 })
        try queue.append([1])
        let blocking = BlockingPool(threads: 1)
        let gate = Gate()
        let sender = Sender(
            queue, to: gate, blocking: blocking, logger: DiskQueueTests.quiet, drainTime: .milliseconds(1))
        let running = Task { try await sender.run() }
        for await _ in gate.began.stream { break }
        running.cancel()
        try await running.value
        #expect(queue.count == 1)
        await blocking.shutdown()
    }

    @Test("credentials in the URL do not reach the log")
    func label() {
        let blocking = BlockingPool(threads: 1)
        func label(_ url: String) -> String {
            HTTPDestination(url: url, format: .lokiPush, client: HTTPClient.shared, blocking: blocking).label
        }
        #expect(label("http://user:pa@ss@host:1/x?y=z") == "http://host:1/x?y=z")
        #expect(label("http://host/a@b") == "http://host/a@b")
    }
}
