import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import MartletCore
import OTLPReceiver
import Service
import Testing
import Wire

@Suite("Jaeger's spans over gRPC", .timeLimit(.minutes(2)))
struct JaegerGRPCTests {
    /// A PostSpansRequest of one span: trace id ab, span id 1, operation n.
    private static var request: [UInt8] {
        var request = ProtoWriter()
        request.message(1) { batch in
            batch.message(1) { span in
                span.bytes(1, [UInt8](repeating: 0, count: 15) + [0xAB])
                span.bytes(2, [0, 0, 0, 0, 0, 0, 0, 1])
                span.string(3, "n")
            }
            batch.message(2) { $0.string(1, "api") }
        }
        return request.bytes
    }

    /// Calls a method on a server of its own that takes Jaeger's spans.
    private func call(
        _ body: [UInt8], as export: GRPCExport = .jaegerSpans, to sink: any OTLPSink,
        compression: CompressionAlgorithm = .none, memory: MemoryBudget = MemoryBudget(limitBytes: 1 << 30)
    ) async throws -> Result<[UInt8], any Error> {
        let server = try OTLPGRPCServer(
            binding: ListenAddress(host: "127.0.0.1", port: 0), flag: "--test", calls: [.jaegerSpans],
            transport: "jaeger_grpc", sink: sink, memory: memory, blocking: BlockingPool(threads: 2),
            logger: OTLPHTTPRoutesTests.quiet)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let transport = try HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: server.address.port), transportSecurity: .plaintext,
                config: .defaults {
                    $0.compression = .init(algorithm: compression, enabledAlgorithms: [.gzip, .deflate])
                })
            let result: Result<[UInt8], any Error>
            do {
                let answer = try await withGRPCClient(transport: transport) { client in
                    try await client.unary(
                        request: ClientRequest(message: body, metadata: ["x-scope-orgid": "team"]),
                        descriptor: MethodDescriptor(
                            fullyQualifiedService: export.service, method: export.method),
                        serializer: OTLPGRPCGateTests.Raw(), deserializer: OTLPGRPCGateTests.Raw(), options: .defaults
                    ) { try $0.message }
                }
                result = .success(answer)
            } catch {
                result = .failure(error)
            }
            server.stop()
            try await group.waitForAll()
            return result
        }
    }

    private func refusal(_ result: Result<[UInt8], any Error>) throws -> RPCError {
        guard case .failure(let error) = result else {
            Issue.record("accepted")
            return RPCError(code: .unknown, message: "")
        }
        return try #require(error as? RPCError)
    }

    @Test("reach the sink as OTLP, for the tenant of the call", arguments: [CompressionAlgorithm.none, .gzip])
    func accepted(compression: CompressionAlgorithm) async throws {
        let sink = RecordingSink()
        let memory = MemoryBudget(limitBytes: 1 << 30)
        let answer = try await call(Self.request, to: sink, compression: compression, memory: memory).get()
        #expect(answer.isEmpty)
        let expected = OTLP.Traces(resourceSpans: [
            OTLP.ResourceSpans(
                resource: OTLP.Resource(attributes: [OTLP.KeyValue(key: "service.name", value: "api")]),
                scopeSpans: [
                    OTLP.ScopeSpans(spans: [
                        OTLP.Span(traceID: OTLP.TraceID(low: 0xAB), spanID: OTLP.SpanID(1), name: "n")
                    ])
                ])
        ])
        #expect(sink.state.withLock { $0.traces } == [expected])
        #expect(sink.state.withLock { $0.tenants } == ["team"])
        // The last stream ends a moment after the call; what never comes back meets the time limit.
        while memory.used != 0 { await Task.yield() }
    }

    @Test("are refused so that clients know whether to try again")
    func refused() async throws {
        let malformed = try refusal(await call([0xFF], to: RecordingSink()))
        #expect(malformed.code == .invalidArgument)
        let exhausted = try refusal(
            await call(
                Self.request, to: RecordingSink(refusal: OTLPRefusal.exhausted("slow down", retryAfterSeconds: 5))))
        #expect(exhausted.code == .resourceExhausted)
        #expect(exhausted.message == "slow down")
    }

    @Test("an address of Jaeger's does not take OTLP")
    func otherCalls() async throws {
        let refused = try refusal(await call([], as: .otlp(.traces), to: RecordingSink()))
        #expect(refused.code == .unimplemented)
    }

    @Test("memory for the translation is asked for: what is taken by others may be had later")
    func memory() async throws {
        // Enough for the message, not for what it is decoded into.
        let memory = MemoryBudget(limitBytes: 256 << 10)
        #expect(memory.reserve(200 << 10))
        let refused = try refusal(await call(Self.request, to: RecordingSink(), memory: memory))
        #expect(refused.code == .unavailable)
        #expect(refused.message.contains("--memory.limit"))
    }

    @Test("a message that needs more memory than there is gets no hope")
    func hopeless() async throws {
        let refused = try refusal(
            await call(Self.request, to: RecordingSink(), memory: MemoryBudget(limitBytes: 64 << 10)))
        #expect(refused.code == .resourceExhausted)
        #expect(refused.message.hasSuffix("raise --memory.limit"))
    }
}
