import Hummingbird
import NIOCore
import Service
import Testing

@Suite("Clients that go away", .timeLimit(.minutes(1)))
struct ClientPresenceTests {
    /// Serves work without end, ends it as `leave` says, and returns when the server has noticed.
    private func work(_ method: String, body: String, leave: (RawClient) async throws -> Void) async throws {
        let router = Daemon.makeRouter()
        let (began, begin) = AsyncStream.makeStream(of: Void.self)
        let (ended, end) = AsyncStream.makeStream(of: Bool.self)
        let work = { @Sendable (request: Request, context: ServiceContext) async throws -> String in
            _ = try await requestBody(request, context, limit: 100)
            begin.yield()
            return try await context.whileClientStays {
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    end.yield(context.isClientConnected)
                    throw error
                }
                return "done"
            }
        }
        router.get("/work", use: work)
        router.post("/work", use: work)
        let server = try await EmbeddedServer(router: router)
        let client = try await RawClient(port: server.address.port)
        try await client.send(
            "\(method) /work HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        for await _ in began { break }
        try await leave(client)
        for await isConnected in ended {
            #expect(!isConnected)
            break
        }
        await server.stop()
    }

    @Test("end the work that is done for them when they close", arguments: ["GET", "POST"])
    func closes(method: String) async throws {
        try await work(method, body: method == "POST" ? "abc" : "") { try await $0.close() }
    }

    @Test("and when they close only their sending side; they are told")
    func halfCloses() async throws {
        try await work("GET", body: "") { client in
            try await client.closeSending()
            try await #expect(client.readToEnd().hasPrefix("HTTP/1.1 499 "))
        }
    }

    @Test("get the answer to a short request after they closed their sending side")
    func shortRequest() async throws {
        let router = Daemon.makeRouter()
        router.get("/") { _, _ in "fine" }
        let server = try await EmbeddedServer(router: router)
        let client = try await RawClient(port: server.address.port)
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try await client.closeSending()
        try await #expect(client.readToEnd().hasSuffix("fine"))
        await server.stop()
    }

    @Test(
        "within a body do not have it taken for whole", arguments: ["Content-Length: 10", "Transfer-Encoding: chunked"])
    func cutBody(framing: String) async throws {
        let router = Daemon.makeRouter()
        let (bodies, seen) = AsyncStream.makeStream(of: Int?.self)
        router.post("/push") { request, context in
            do {
                let body = try await requestBody(request, context, limit: 100)
                seen.yield(body.readableBytes)
            } catch {
                seen.yield(nil)
                throw error
            }
            return ""
        }
        let server = try await EmbeddedServer(router: router)
        let client = try await RawClient(port: server.address.port)
        let part = framing.hasPrefix("T") ? "3\r\nabc\r\n" : "abc"
        try await client.send("POST /push HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n\(part)")
        try await client.closeSending()
        for await size in bodies {
            #expect(size == nil)
            break
        }
        await server.stop()
    }
}
