import HTTPTypes
import Hummingbird
import MartletCore
import Service
import Testing

/// How one port tells HTTP/2 from HTTP/1, and how long it waits for either. Whole conversations are tested end to end, with
/// clients that speak HTTP/2.
@Suite("A port that speaks HTTP/2 as well")
struct HTTP2PortTests {
    private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    /// SETTINGS without any.
    private static let settings = "\0\0\0\u{4}\0\0\0\0\0"
    /// How the server's SETTINGS begin, which has two.
    private static let answer = "\0\0\u{C}\u{4}\0\0\0\0\0"

    private func withServer(
        speaksHTTP2: Bool = true, _ change: (inout ConnectionLimits) -> Void = { _ in },
        _ body: (EmbeddedServer) async throws -> Void
    ) async throws {
        var limits = ConnectionLimits()
        change(&limits)
        let router = Daemon.makeRouter()
        router.get("/") { _, _ in "fine" }
        router.post("/push") { request, context in
            "\(try await requestBody(request, context, limit: 1000).readableBytes)"
        }
        let told = Lock(0)
        router.post("/told") { request, context in
            do {
                return "\(try await requestBody(request, context, limit: 1000).readableBytes)"
            } catch {
                told.withLock { $0 = HTTPFailure(error, isClientGone: false, logger: context.logger).status.code }
                throw error
            }
        }
        router.get("/told") { _, _ in "told: \(told.withLock { $0 })" }
        let server = try await EmbeddedServer(router: router, limits: limits, speaksHTTP2: speaksHTTP2)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(
        "requests of HTTP/1 are answered, wherever they are cut",
        arguments: [
            ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
            ["G", "ET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
            ["P", "OST /push HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"],
            ["POST /push HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\na", "b"],
        ])
    func http1(pieces: [String]) async throws {
        try await withServer { server in
            let socket = try await RawClient(port: server.address.port)
            for piece in pieces { try await socket.send(piece) }
            let answer = try await socket.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.hasSuffix(pieces.joined().hasPrefix("GET") ? "fine" : "2"))
        }
    }

    @Test(
        "HTTP/2 begins with the preface, wherever it is cut",
        arguments: [
            [preface + settings], [preface, settings], ["PRI * HTTP/2.0\r\n\r\nS", "M\r\n\r\n" + settings],
            ["P", "RI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings],
        ])
    func http2(pieces: [String]) async throws {
        try await withServer { server in
            let socket = try await RawClient(port: server.address.port)
            for piece in pieces { try await socket.send(piece) }
            let answer = try await socket.readSome()
            #expect(answer.utf8.prefix(9).elementsEqual(Self.answer.utf8))
        }
    }

    @Test("what only begins like the preface is HTTP/1, and malformed")
    func nearlyThePreface() async throws {
        try await withServer { server in
            let socket = try await RawClient(port: server.address.port)
            try await socket.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")
            #expect(try await socket.readToEnd().hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test("where HTTP/2 is not spoken the preface is malformed")
    func notSpoken() async throws {
        try await withServer(speaksHTTP2: false) { server in
            let socket = try await RawClient(port: server.address.port)
            try await socket.send(Self.preface + Self.settings)
            #expect(try await socket.readToEnd().hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test("a client that says nothing is closed, half a preface gets 408")
    func silence() async throws {
        func patience(_ limits: inout ConnectionLimits) {
            limits.firstByte = .milliseconds(200)
            limits.header = .milliseconds(200)
        }
        try await withServer(patience) { server in
            let silent = try await RawClient(port: server.address.port)
            #expect(try await silent.readToEnd() == "")
            let half = try await RawClient(port: server.address.port)
            try await half.send("PRI * HT")
            #expect(try await half.readToEnd().hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test("a client of HTTP/2 that does not answer pings is closed")
    func gone() async throws {
        func patience(_ limits: inout ConnectionLimits) { limits.idle = .milliseconds(300) }
        try await withServer(patience) { server in
            let socket = try await RawClient(port: server.address.port)
            try await socket.send(Self.preface + Self.settings)
            let answer = try await socket.readToEnd()
            #expect(answer.utf8.prefix(9).elementsEqual(Self.answer.utf8))
        }
    }

    /// A request's HEADERS with fields that stand there as they are; of a POST the body follows.
    private static func head(
        _ stream: UInt8, _ method: String, _ path: String, _ more: [(String, String)] = []
    ) -> String {
        func text(_ text: String) -> String { String(UnicodeScalar(UInt8(text.utf8.count))) + text }
        let fields = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a")] + more
        let block = fields.map { "\0" + text($0.0) + text($0.1) }.joined()
        let flags = method == "POST" ? "\u{4}" : "\u{5}"
        return "\0\0" + String(UnicodeScalar(UInt8(block.utf8.count))) + "\u{1}" + flags + "\0\0\0"
            + String(UnicodeScalar(stream)) + block
    }

    /// Everything that comes until it holds a text.
    private func read(_ socket: RawClient, until text: String) async throws -> String {
        var answer = ""
        while !answer.contains(text) {
            let more = try await socket.readSome()
            if more.isEmpty { break }
            answer += more
        }
        return answer
    }

    @Test(
        "a malformed request costs its own stream, not those beside it",
        arguments: [
            ("connection", "close"), ("te", "gzip"), ("X-Upper", "a"), ("x-line", "a\nb"), ("content-length", "x"),
        ])
    func malformed(field: (String, String)) async throws {
        try await withServer { server in
            let socket = try await RawClient(port: server.address.port)
            try await socket.send(
                Self.preface + Self.settings + Self.head(1, "GET", "/", [field]) + Self.head(3, "GET", "/"))
            let answer = try await read(socket, until: "fine")
            #expect(answer.contains("fine"))
            // RST_STREAM of the first with PROTOCOL_ERROR.
            #expect(answer.contains("\0\0\u{4}\u{3}\0\0\0\0\u{1}\0\0\0\u{1}"))
        }
    }

    @Test("a client that resets a stream before its body has ended is one that has gone, and no error of the server's")
    func resetBody() async throws {
        try await withServer { server in
            let socket = try await RawClient(port: server.address.port)
            let reset = "\0\0\u{4}\u{3}\0\0\0\0\u{1}\0\0\0\u{8}"
            try await socket.send(Self.preface + Self.settings + Self.head(1, "POST", "/told"))
            try await socket.send(reset)
            var told = ""
            for stream in stride(from: 3 as UInt8, to: 100, by: 2) where !told.contains("499") {
                try await socket.send(Self.head(stream, "GET", "/told"))
                told += try await read(socket, until: "told: ")
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(told.contains("told: 499"))
        }
    }

    @Test("stopping closes connections that have said nothing, and those of HTTP/2")
    func stopping() async throws {
        try await withServer { server in
            let silent = try await RawClient(port: server.address.port)
            let http2 = try await RawClient(port: server.address.port)
            try await http2.send(Self.preface + Self.settings)
            _ = try await http2.readSome()
            await server.stop()
            #expect(try await silent.readToEnd() == "")
            _ = try await http2.readToEnd()
        }
    }
}
