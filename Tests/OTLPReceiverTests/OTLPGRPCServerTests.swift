import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import MartletCore
import OTLPReceiver
import Service
import Testing
import Wire

@Suite("OTLP over gRPC")
struct OTLPGRPCServerTests {
    private struct Raw: MessageSerializer, MessageDeserializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
            bytes.withUnsafeBytes { [UInt8]($0) }
        }
    }

    /// Calls Export on a server of its own and gives the response's bytes.
    private func export(
        _ signal: OTLP.Signal, _ body: [UInt8], to sink: any OTLPSink, compression: CompressionAlgorithm = .none,
        limits: OTLPReceiverLimits = OTLPReceiverLimits(), memory: Int = 1 << 30, metadata: Metadata = [:]
    ) async throws -> [UInt8] {
        let server = try OTLPGRPCServer(
            binding: ListenAddress(host: "127.0.0.1", port: 0), flag: "--test", sink: sink, limits: limits,
            memory: MemoryBudget(limitBytes: memory), blocking: BlockingPool(threads: 2),
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
                let response = try await withGRPCClient(transport: transport) { client in
                    try await client.unary(
                        request: ClientRequest(message: body, metadata: metadata),
                        descriptor: MethodDescriptor(fullyQualifiedService: signal.grpcService, method: "Export"),
                        serializer: Raw(), deserializer: Raw(), options: .defaults
                    ) { try $0.message }
                }
                result = .success(response)
            } catch {
                result = .failure(error)
            }
            server.stop()
            try await group.waitForAll()
            return try result.get()
        }
    }

    @Test(
        "takes requests plain, gzip and deflate",
        arguments: [CompressionAlgorithm.none, .gzip, .deflate])
    func compression(algorithm: CompressionAlgorithm) async throws {
        let sink = RecordingSink()
        let response = try await export(
            .traces, OTLPHTTPRoutesTests.traces.protobuf(), to: sink, compression: algorithm,
            metadata: ["x-scope-orgid": "team"])
        #expect(response.isEmpty)
        #expect(sink.state.withLock { $0.traces } == [OTLPHTTPRoutesTests.traces])
        #expect(sink.state.withLock { $0.tenants } == ["team"])
    }

    @Test("tells what part was refused")
    func partialSuccess() async throws {
        let sink = RecordingSink(partial: .init(rejected: 1, message: "late"))
        let response = try await export(.traces, OTLPHTTPRoutesTests.traces.protobuf(), to: sink)
        let decoded = try response.withUnsafeBytes { try OTLP.ExportResponse(.traces, protobuf: $0) }
        #expect(decoded.partialSuccess == .init(rejected: 1, message: "late"))
    }

    private func refusal(_ body: () async throws -> [UInt8]) async throws -> RPCError {
        do {
            _ = try await body()
        } catch let error as RPCError {
            return error
        }
        Issue.record("accepted")
        return RPCError(code: .unknown, message: "")
    }

    @Test("refuses so that exporters know whether to try again")
    func refusals() async throws {
        let body = OTLPHTTPRoutesTests.traces.protobuf()
        let exhausted = try await refusal {
            try await export(
                .traces, body, to: RecordingSink(refusal: OTLPRefusal.exhausted("slow down", retryAfterSeconds: 5)))
        }
        #expect(exhausted.code == .resourceExhausted)
        #expect(exhausted.message == "slow down")
        let details = try #require(exhausted.metadata[binaryValues: "grpc-status-details-bin"].first { _ in true })
        let status = try details.withUnsafeBytes { try RPCStatus(protobuf: $0) }
        #expect(status.retryAfterMilliseconds == 5000)

        let invalid = try await refusal { try await export(.traces, [0xff], to: RecordingSink()) }
        #expect(invalid.code == .invalidArgument)
        let unimplemented = try await refusal { try await export(.metrics, [], to: RecordingSink()) }
        #expect(unimplemented.code == .unimplemented)
        let full = try await refusal { try await export(.traces, body, to: RecordingSink(), memory: 1) }
        #expect(full.code == .resourceExhausted)
    }

    @Test("a request over the limit is refused for good, not cancelled")
    func tooLarge() async throws {
        let limits = OTLPReceiverLimits(requestBytes: 1000, requestBytesKey: "--otlp.max")
        let error = try await refusal {
            try await export(.traces, [UInt8](repeating: 0, count: 2000), to: RecordingSink(), limits: limits)
        }
        #expect(error.code == .resourceExhausted)
        #expect(error.message == "the request of 2000 bytes exceeds the limit of 1000 bytes; raise --otlp.max")
        #expect(error.metadata[binaryValues: "grpc-status-details-bin"].first { _ in true } == nil)
    }

    @Test("a port in use is a clear error")
    func portInUse() async throws {
        func bind(_ port: Int) throws(StartupError) -> OTLPGRPCServer {
            try OTLPGRPCServer(
                binding: ListenAddress(host: "127.0.0.1", port: port), flag: "--otlp.grpc-listen-address",
                sink: RecordingSink(), memory: MemoryBudget(limitBytes: 1), blocking: BlockingPool(threads: 1),
                logger: OTLPHTTPRoutesTests.quiet)
        }
        let first = try bind(0)
        do {
            _ = try bind(first.address.port)
            Issue.record("bound twice")
        } catch {
            #expect(
                error.message
                    == "cannot listen on \(first.address): port \(first.address.port) is in use by another process; "
                    + "stop it or choose another address with --otlp.grpc-listen-address")
        }
        // A server takes its socket along only by running.
        first.stop()
        try? await first.run()
    }
}
