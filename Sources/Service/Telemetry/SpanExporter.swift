import AsyncHTTPClient
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Wire

#if canImport(Glibc)
import Glibc
#endif

/// Sends finished spans in batches to an OTLP/HTTP endpoint. A batch that cannot be delivered is tried again for a while
/// and then dropped: traces of the stack itself must never grow without bound.
struct SpanExporter: ServiceLifecycle.Service {
    private static let batchSize = 512
    private static let attempts = 5

    private let tracer: SpanTracer
    private let client: HTTPClient
    private let url: String
    private let resource: OTLP.Resource
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - endpoint: base URL such as `http://127.0.0.1:4318`, or one that ends with `/v1/traces`.
    ///   - server: value of `service.name`.
    ///   - interval: how long spans gather.
    init(
        tracer: SpanTracer, client: HTTPClient, endpoint: String, server: String, interval: Duration = .seconds(1),
        logger: Logger
    ) {
        self.tracer = tracer
        self.client = client
        self.interval = interval
        self.logger = logger
        let base = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        url = base.hasSuffix("/v1/traces") ? base : base + "/v1/traces"
        resource = OTLP.Resource(attributes: [
            OTLP.KeyValue(key: "service.name", value: .string(ByteString(server))),
            OTLP.KeyValue(key: "service.version", value: .string(ByteString(BuildVersion.number))),
            OTLP.KeyValue(key: "host.name", value: .string(ByteString(HostName.current))),
            OTLP.KeyValue(key: "process.pid", value: .int(Int64(getpid()))),
        ])
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                await drain(attempts: Self.attempts)
            }
        }
        // One last try without patience: nobody waits for the spans of a stopping server.
        await drain(attempts: 1)
    }

    func drain(attempts: Int) async {
        while true {
            let batch = tracer.take(Self.batchSize)
            guard !batch.isEmpty else { return }
            if await send(batch, attempts: attempts) {
                tracer.settled(exported: batch.count)
            } else {
                tracer.settled(dropped: batch.count)
                return
            }
        }
    }

    private func send(_ batch: [OTLP.Span], attempts: Int) async -> Bool {
        let traces = OTLP.Traces(resourceSpans: [
            OTLP.ResourceSpans(
                resource: resource,
                scopeSpans: [
                    OTLP.ScopeSpans(
                        scope: OTLP.InstrumentationScope(
                            name: "martlet", version: ByteString(BuildVersion.number)), spans: batch)
                ])
        ])
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-protobuf")
        request.body = .bytes(ByteBuffer(bytes: traces.protobuf()))
        var wait = Duration.seconds(1)
        for attempt in 1...attempts {
            do {
                let response = try await client.execute(request, timeout: .seconds(10))
                // The body is small and must be read for the connection to be used again.
                _ = try? await response.body.collect(upTo: 1 << 20)
                switch response.status.code {
                case 200..<300: return true
                case 429, 502, 503, 504: break
                default:
                    logger.debug("spans refused", metadata: ["status": .stringConvertible(response.status.code)])
                    return false
                }
            } catch {
                logger.debug("spans not sent", metadata: ["error": .string("\(error)")])
            }
            guard attempt < attempts, (try? await Task.sleep(for: wait)) != nil else { return false }
            wait *= 2
        }
        return false
    }
}
