import Foundation
import Glibc
import Hummingbird
import NIOCore
import NIOPosix
import Service
import Testing

@Suite("Slow, silent and malformed clients")
struct ConnectionGuardTests {
    /// Patient in everything but the one thing that a test is about.
    private static func limits(_ change: (inout ConnectionLimits) -> Void = { _ in }) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.header = .seconds(600)
        limits.firstByte = .seconds(600)
        limits.idle = .seconds(600)
        limits.bodyStall = .seconds(600)
        limits.writeStall = .seconds(600)
        limits.linger = .seconds(600)
        change(&limits)
        return limits
    }

    private func withServer(
        _ limits: ConnectionLimits = limits(), maxConnections: Int = 100, _ body: (EmbeddedServer) async throws -> Void
    ) async throws {
        let router = Daemon.makeRouter()
        router.get("/") { _, _ in "fine" }
        router.get("/big") { _, _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(repeating: 65, count: 64 << 20)))
        }
        router.post("/push") { request, context in
            "\(try await requestBody(request, context, limit: 1000).readableBytes)"
        }
        let server = try await EmbeddedServer(router: router, limits: limits, maxConnections: maxConnections)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Sends some bytes and returns everything that the server says until it closes.
    private func converse(_ server: EmbeddedServer, _ pieces: String...) async throws -> String {
        let socket = try await RawClient(port: server.address.port)
        for piece in pieces { try await socket.send(piece) }
        return try await socket.readToEnd()
    }

    @Test("a header that never ends gets 408")
    func slowHeader() async throws {
        try await withServer(Self.limits { $0.header = .milliseconds(200) }) { server in
            try await #expect(converse(server, "GET / HTTP/1.1\r\nHost: a\r\n").hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test("a client that says nothing is closed without a word")
    func silent() async throws {
        try await withServer(Self.limits { $0.firstByte = .milliseconds(200) }) { server in
            try await #expect(converse(server) == "")
        }
    }

    @Test("an idle connection is closed after its answer")
    func idle() async throws {
        try await withServer(Self.limits { $0.idle = .milliseconds(200) }) { server in
            let text = try await converse(server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(text.hasSuffix("fine"))
        }
    }

    @Test("Connection: close and HTTP/1.0 end the connection after the answer", arguments: ["1.1", "1.0"])
    func closes(version: String) async throws {
        try await withServer { server in
            let field = version == "1.1" ? "Connection: close\r\n" : ""
            let text = try await converse(server, "GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n")
            #expect(text.hasSuffix("fine"))
            #expect(text.lowercased().contains("connection: close"))
        }
    }

    @Test("malformed requests get 400, endless headers 431")
    func malformed() async throws {
        try await withServer { server in
            try await #expect(converse(server, "NONSENSE\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
            try await #expect(
                converse(server, "GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
            let long = String(repeating: "x", count: 100_000)
            try await #expect(converse(server, "GET / HTTP/1.1\r\nX: \(long)\r\n\r\n").hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test(
        "what two parsers could read differently gets 400",
        arguments: [
            "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
            "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
            "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
            "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
            "POST /push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
            "POST /push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
        ])
    func ambiguous(request: String) async throws {
        try await withServer(Self.limits { $0.idle = .milliseconds(300) }) { server in
            let text = try await converse(server, request + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 400 "))
            #expect(!text.contains("200 OK"))
        }
    }

    @Test("more fields than allowed get 431")
    func manyFields() async throws {
        try await withServer { server in
            let fields = (0..<10_000).map { "X-\($0): 1\r\n" }.joined()
            try await #expect(
                converse(server, "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n").hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test("pipelined requests are answered in order, up to the one that closes")
    func pipelined() async throws {
        try await withServer { server in
            let text = try await converse(
                server,
                "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
                    + "POST /push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                    + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answers = text.components(separatedBy: "HTTP/1.1 200 OK").dropFirst()
            #expect(answers.map { $0.components(separatedBy: "\r\n\r\n").last } == ["2", "3", "fine"])
        }
    }

    @Test("a chunked body without end gets 413 at the limit")
    func endlessBody() async throws {
        try await withServer(Self.limits { $0.linger = .milliseconds(500) }) { server in
            let chunk = "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n"
            let text = try await converse(
                server, "POST /push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                String(repeating: chunk, count: 20))
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("a body that trickles gets 408 with the reason")
    func tricklingBody() async throws {
        let limits = Self.limits {
            $0.bodyStall = .milliseconds(400)
            $0.bodyRate = 1 << 20
        }
        try await withServer(limits) { server in
            let socket = try await RawClient(port: server.address.port)
            try await socket.send("POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            let trickle = Task {
                while !Task.isCancelled {
                    try await socket.send("x")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let text = try await socket.readToEnd()
            trickle.cancel()
            #expect(text.hasPrefix("HTTP/1.1 408 "))
            #expect(text.hasSuffix("the request body came too slowly: less than 1048576 bytes a second\n"))
        }
    }

    @Test("an early answer reaches a client that still sends")
    func earlyAnswer() async throws {
        try await withServer(Self.limits { $0.linger = .milliseconds(500) }) { server in
            let text = try await converse(
                server, "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n",
                String(repeating: "x", count: 500_000))
            #expect(text.contains("413"))
        }
    }

    @Test("100-continue is answered before the body is sent")
    func expectContinue() async throws {
        try await withServer(Self.limits { $0.idle = .milliseconds(200) }) { server in
            let socket = try await RawClient(port: server.address.port)
            try await socket.send(
                "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            try await #expect(socket.readSome().hasPrefix("HTTP/1.1 100 "))
            try await socket.send("abc")
            try await #expect(socket.readToEnd().contains("200 OK"))
        }
    }

    @Test("a client that does not read its answer is cut")
    func stalledReader() async throws {
        try await withServer(Self.limits { $0.writeStall = .milliseconds(200) }) { server in
            let socket = try await RawClient(port: server.address.port)
            try await socket.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
            try await Task.sleep(for: .seconds(2))
            let text = try await socket.readToEnd()
            #expect(text.utf8.count < 64 << 20)
        }
    }

    @Test("a body that stops coming gets 408 with the reason, also behind an answered request")
    func stalledBody() async throws {
        try await withServer(Self.limits { $0.bodyStall = .milliseconds(200) }) { server in
            let text = try await converse(
                server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx")
            #expect(text.contains("fine"))
            #expect(text.contains("HTTP/1.1 408 "))
            #expect(text.contains("\r\n\r\nthe request body came too slowly: "))
        }
    }

    /// An address of this machine that is not its loopback; nil where it has none.
    private static let ownAddress: String? = (try? System.enumerateDevices())?.lazy.compactMap { $0.address }
        .first { if case .v4 = $0 { $0.ipAddress?.hasPrefix("127.") == false } else { false } }?.ipAddress

    @Test("one client cannot take all connections, this machine is not counted", .enabled(if: ownAddress != nil))
    func connectionsPerClient() async throws {
        let own = try #require(Self.ownAddress)
        let router = Daemon.makeRouter()
        router.get("/") { _, _ in "fine" }
        let server = try await EmbeddedServer(
            router: router, limits: Self.limits(), maxConnectionsPerClient: 2, host: "0.0.0.0")
        let port = server.address.port
        let kept = try await (0..<2).asyncMap { _ in
            let client = try await RawClient(host: own, port: port)
            // Accepted is not yet counted; answered is.
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            var text = ""
            while !text.hasSuffix("fine") { text += try await client.readSome() }
            return client
        }
        try await #expect(
            RawClient(host: own, port: port).readToEnd().contains("raise --web.max-connections-per-client"))
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let local = try await RawClient(port: port)
        try await local.send(request)
        try await #expect(local.readToEnd().hasSuffix("fine"))
        try await kept[0].send(request)
        try await #expect(kept[0].readToEnd().hasSuffix("fine"))
        // The place is free again as soon as the server has seen the close.
        var text = ""
        while !text.hasSuffix("fine") {
            let next = try await RawClient(host: own, port: port)
            try await next.send(request)
            text = try await next.readToEnd()
        }
        try await kept[1].close()
        await server.stop()
    }

    @Test("connections beyond the limit wait and are then served")
    func connectionLimit() async throws {
        try await withServer(maxConnections: 4) { server in
            let silent = try await (0..<8).asyncMap { _ in try await RawClient(port: server.address.port) }
            async let text = converse(server, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            for client in silent { try await client.close() }
            try await #expect(text.hasSuffix("fine"))
        }
    }

    @Test("a stopping server finishes requests in flight and refuses new connections")
    func drain() async throws {
        let router = Daemon.makeRouter()
        let entered = AsyncStream<Void>.makeStream()
        router.get("/slow") { _, _ in
            entered.continuation.yield()
            try await Task.sleep(for: .milliseconds(300))
            return "done"
        }
        let server = try await EmbeddedServer(router: router)
        let socket = try await RawClient(port: server.address.port)
        try await socket.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        for await _ in entered.stream { break }
        async let text = socket.readToEnd()
        await server.stop()
        try await #expect(text.hasSuffix("done"))
        await #expect(throws: (any Error).self) { _ = try await RawClient(port: server.address.port) }
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
