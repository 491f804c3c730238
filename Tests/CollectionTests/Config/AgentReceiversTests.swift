import Collection
import OTLPReceiver
import Service
import Testing

@Suite("Receivers in agent.yml")
struct AgentReceiversTests {
    private func config(_ text: String) throws -> AgentConfig {
        try AgentConfig(ConfigDocument(text: text, file: "agent.yml"))
    }

    @Test("spans of Zipkin and Jaeger are received nowhere unless told, and on loopback when nothing else is")
    func receivers() throws {
        let absent = try config("otlp: {grpc_listen_address: off}").receivers
        #expect(absent.isEmpty)
        let bare = try config("zipkin:\njaeger: {protocols: {grpc: , thrift_http: }}").receivers
        #expect(bare.zipkin == ListenAddress("127.0.0.1:9411"))
        #expect(bare.jaegerGRPC == ListenAddress("127.0.0.1:14250"))
        #expect(bare.jaegerHTTP == ListenAddress("127.0.0.1:14268"))
        let written = try config(
            """
            zipkin: {endpoint: "127.0.0.1:9999", parse_string_tags: true}
            jaeger: {protocols: {grpc: {endpoint: "127.0.0.1:9998"}, thrift_compact: }}
            """)
        #expect(written.receivers.zipkin == ListenAddress("127.0.0.1:9999"))
        #expect(written.receivers.parsesZipkinTags)
        #expect(written.receivers.jaegerGRPC == ListenAddress("127.0.0.1:9998"))
        #expect(written.receivers.jaegerHTTP == nil)
        #expect(written.warnings.count == 1)
    }

    @Test(
        "what would change results or safety is refused, with its place",
        arguments: [
            ("zipkin: {endpoint: nonsense}", "endpoint must be HOST:PORT"),
            ("zipkin: {endpoint: \"127.0.0.1:9411\", tls: {cert_file: a}}", "--web.config.file"),
            ("zipkins: {}", "zipkins"),
        ])
    func refused(text: String, words: String) {
        do {
            _ = try config(text)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains(words))
        }
    }
}
