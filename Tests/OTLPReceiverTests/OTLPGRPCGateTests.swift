import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import MartletCore
import OTLPReceiver
import Service
import Testing
import Wire

@Suite("What gRPC calls cost before they are let in", .timeLimit(.minutes(2)))
struct OTLPGRPCGateTests {
    struct Raw: MessageSerializer, MessageDeserializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
            bytes.withUnsafeBytes { [UInt8]($0) }
        }
    }

    /// Runs a server, and gives the error of a call whose messages `produce` writes.
    private func refusal(
        memory: MemoryBudget = MemoryBudget(limitBytes: 1 << 30), limits: OTLPReceiverLimits = OTLPReceiverLimits(),
        webConfig: String? = nil, compression: CompressionAlgorithm = .none, metadata: Metadata = [:],
        produce: @escaping @Sendable (RPCWriter<[UInt8]>) async throws -> Void
    ) async throws -> RPCError {
        let security = try webConfig.map { try WebAccess($0) }
        let server = try OTLPGRPCServer(
            binding: ListenAddress(host: "127.0.0.1", port: 0), flag: "--test", sink: RecordingSink(), limits: limits,
            memory: memory, blocking: BlockingPool(threads: 2), authenticator: security?.authenticator,
            logger: OTLPHTTPRoutesTests.quiet)
        let result: Result<[UInt8], any Error> = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let transport = try HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: server.address.port), transportSecurity: .plaintext,
                config: .defaults {
                    $0.compression = .init(algorithm: compression, enabledAlgorithms: [.gzip, .deflate])
                })
            let result: Result<[UInt8], any Error>
            do {
                let answer = try await withGRPCClient(transport: transport) { client in
                    try await client.clientStreaming(
                        request: StreamingClientRequest(metadata: metadata, producer: produce),
                        descriptor: MethodDescriptor(
                            fullyQualifiedService: OTLP.Signal.traces.grpcService, method: "Export"),
                        serializer: Raw(), deserializer: Raw(), options: .defaults
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
        switch result {
        case .failure(let error as RPCError): return error
        case .failure(let error): throw error
        case .success: throw RPCError(code: .unknown, message: "accepted")
        }
    }

    private func delay(_ error: RPCError) throws -> Int64? {
        guard let details = error.metadata[binaryValues: "grpc-status-details-bin"].first(where: { _ in true }) else {
            return nil
        }
        return try details.withUnsafeBytes { try RPCStatus(protobuf: $0) }.retryAfterMilliseconds
    }

    @Test("a caller without credentials is refused before it has sent a byte of its message")
    func unauthenticated() async throws {
        let error = try await refusal(webConfig: "tokens:\n  - {name: a, token: some-token-0123456789}\n") { _ in
            // Nothing comes until the call is over.
            try await Task.sleep(for: .seconds(3600))
        }
        #expect(error.code == .unauthenticated)
    }

    @Test("a reader may not write")
    func forbidden() async throws {
        let error = try await refusal(
            webConfig: "tokens:\n  - {name: a, token: some-token-0123456789, access: read}\n",
            metadata: ["authorization": "Bearer some-token-0123456789"]
        ) { _ in try await Task.sleep(for: .seconds(3600)) }
        #expect(error.code == .permissionDenied)
        #expect(error.message == "a may not write here")
    }

    @Test("a message that waits for the verdict on its caller is taken once")
    func slowVerdict() async throws {
        // A password takes far longer than the message, which waits in its stream until it is asked for.
        let hash = try PasswordHash.make("secret").text
        let outcome = await #expect(throws: RPCError.self) {
            try await refusal(
                webConfig: "basic_auth_users:\n  alice: \(hash)\n",
                metadata: ["authorization": "Basic \(Data("alice:secret".utf8).base64EncodedString())"]
            ) { writer in
                try await writer.write([])
                // The end of the message comes on its own.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        #expect(outcome?.message == "accepted")
    }

    @Test("a message is taken from the budget as it arrives, and given back", arguments: [false, true])
    func memory(isCompressed: Bool) async throws {
        let memory = MemoryBudget(limitBytes: 1 << 20)
        // Plain it is refused on its way, compressed to few bytes when it is decompressed.
        let body = [UInt8](repeating: 0, count: 8 << 20)
        let error = try await refusal(memory: memory, compression: isCompressed ? .gzip : .none) { writer in
            try await writer.write(body)
        }
        #expect(error.code == .resourceExhausted)
        #expect(error.message.contains("--memory.limit"))
        #expect(try delay(error) == 1000)
        // The last stream ends a moment after the call; what never comes back meets the time limit.
        while memory.used != 0 { await Task.yield() }
    }

    @Test("a small message that decompresses beyond the limit is refused for good")
    func bomb() async throws {
        let limits = OTLPReceiverLimits(requestBytes: 1 << 20, requestBytesKey: "--otlp.max-request-bytes")
        let error = try await refusal(limits: limits, compression: .gzip) { writer in
            try await writer.write([UInt8](repeating: 0, count: 16 << 20))
        }
        #expect(error.code == .resourceExhausted)
        #expect(error.message.hasSuffix("raise --otlp.max-request-bytes"))
        #expect(try delay(error) == nil)
    }

    @Test("a call has one message")
    func twoMessages() async throws {
        let error = try await refusal { writer in
            try await writer.write([])
            try await writer.write([])
        }
        #expect(error.code == .invalidArgument)
    }
}

/// Users and tokens of a web configuration.
private struct WebAccess {
    let authenticator: Authenticator

    init(_ text: String) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID().uuidString).yml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        authenticator = try Authenticator(webConfigFile: file.path)
    }
}
