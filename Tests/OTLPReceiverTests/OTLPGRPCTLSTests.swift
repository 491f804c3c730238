import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import MartletCore
import OTLPReceiver
import Service
import Testing
import Wire

@Suite("TLS of the gRPC server", .timeLimit(.minutes(2)))
struct OTLPGRPCTLSTests {
    private static func makeCertificate(_ name: String, in directory: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout",
            "\(directory)/\(name).key", "-out", "\(directory)/\(name).crt",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test("asks for the client certificates that the web configuration asks for")
    func clientCertificates() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("grpc-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for name in ["server", "stranger"] { try Self.makeCertificate(name, in: directory) }
        let file = directory + "/web.yml"
        try Data(
            """
            tls_server_config:
              cert_file: server.crt
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: server.crt
            """.utf8
        ).write(to: URL(fileURLWithPath: file))
        let server = try OTLPGRPCServer(
            binding: ListenAddress(host: "127.0.0.1", port: 0), flag: "--test", sink: RecordingSink(),
            memory: MemoryBudget(limitBytes: 1 << 30), blocking: BlockingPool(threads: 1),
            tls: try ConnectionTLS(webConfigFile: file, logger: OTLPHTTPRoutesTests.quiet),
            logger: OTLPHTTPRoutesTests.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for (name, isWelcome) in [("server", true), ("stranger", false), (nil, false)] as [(String?, Bool)] {
                let error = await Self.call(server.address.port, certificate: name, in: directory)
                #expect((error == nil) == isWelcome, "\(name ?? "no certificate")")
            }
            server.stop()
            try await group.waitForAll()
        }
    }

    private static func call(_ port: Int, certificate: String?, in directory: String) async -> (any Error)? {
        do {
            let transport = try HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: port),
                transportSecurity: .tls {
                    $0.trustRoots = .certificates([.file(path: directory + "/server.crt", format: .pem)])
                    $0.serverCertificateVerification = .noHostnameVerification
                    guard let certificate else { return }
                    $0.certificateChain = [.file(path: "\(directory)/\(certificate).crt", format: .pem)]
                    $0.privateKey = .file(path: "\(directory)/\(certificate).key", format: .pem)
                })
            var options = CallOptions.defaults
            // Who is not let in tries again until then.
            options.timeout = certificate == "server" ? .seconds(60) : .seconds(2)
            let chosen = options
            _ = try await withGRPCClient(transport: transport) { client in
                try await client.unary(
                    request: ClientRequest(message: OTLPHTTPRoutesTests.traces.protobuf()),
                    descriptor: MethodDescriptor(
                        fullyQualifiedService: OTLP.Signal.traces.grpcService, method: "Export"),
                    serializer: OTLPGRPCGateTests.Raw(), deserializer: OTLPGRPCGateTests.Raw(), options: chosen
                ) { try $0.message }
            }
            return nil
        } catch {
            return error
        }
    }
}
