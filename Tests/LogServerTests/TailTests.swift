import LogServer
import LogStorage
import MartletCore
import Service
import Testing

@Suite("Tails")
struct TailTests {
    private static let query = "%7Bapp%3D%22a%22%7D%20%7C%3D%20%22x%22"

    /// Runs what blocks on a thread of its own.
    private func blocking<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        let pool = BlockingPool(threads: 1)
        do {
            let result = try await pool.run(body)
            await pool.shutdown()
            return result
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    @Test("give old lines, then those that are pushed, and answer pings until the client closes")
    func follow() async throws {
        let client = try await LogsClient { $0.limits.discoverServiceName = [] }
        _ = try await client.push(#"{"app":"a"}"#, ["old x", "old y"])
        let port = client.server.address.port
        let opened = Lock<Bool>(false)
        async let frames = blocking {
            let socket = WebSocketClient(port: port, target: "/loki/api/v1/tail?query=\(Self.query)&limit=10")
            var texts = [socket.head.split(separator: "\r\n").first.map(String.init) ?? ""]
            texts.append(socket.next()?.text ?? "nothing")
            opened.withLock { $0 = true }
            texts.append(socket.next()?.text ?? "nothing")
            socket.send(9, Array("are you there".utf8))
            let pong = socket.next()
            texts.append("\(pong?.opcode ?? 0) \(pong?.text ?? "")")
            socket.send(8, [3, 232])
            let close = socket.next()
            texts.append("\(close?.opcode ?? 0) \(close?.payload ?? [])")
            texts.append(socket.next() == nil ? "closed" : "open")
            return texts
        }
        while !opened.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        _ = try await client.push(#"{"app":"b"}"#, ["other x"])
        _ = try await client.push(#"{"app":"a"}"#, ["new x", "new y"])
        let found = try await frames
        let now = LogsClient.now
        #expect(
            found == [
                "HTTP/1.1 101 Switching Protocols",
                #"{"streams":[{"stream":{"app":"a","detected_level":"unknown"},"values":[["\#(now - 1_000_000_000)","old x"]]}]}"#,
                #"{"streams":[{"stream":{"app":"a","detected_level":"unknown"},"values":[["\#(now - 1_000_000_000)","new x"]]}]}"#,
                "10 are you there", "8 [3, 232]", "closed",
            ])
        await client.stop()
    }

    @Test("follow several tenants, whose streams have their labels")
    func severalTenants() async throws {
        let client = try await LogsClient {
            $0.isAuthEnabled = true
            $0.queriesSeveralTenants = true
            $0.limits.discoverServiceName = []
        }
        _ = try await client.push(#"{"app":"a"}"#, ["old x"], tenant: "one")
        let port = client.server.address.port
        let opened = Lock<Bool>(false)
        async let frames = blocking {
            let socket = WebSocketClient(
                port: port, target: "/loki/api/v1/tail?query=\(Self.query)", headers: ["X-Scope-OrgID: two|one"])
            var texts = [socket.next()?.text ?? "nothing"]
            opened.withLock { $0 = true }
            // The last line comes in a message of its own, or in one with those before it.
            while !texts[texts.count - 1].contains("last x"), let next = socket.next() { texts.append(next.text) }
            return texts
        }
        while !opened.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        _ = try await client.push(#"{"app":"a"}"#, ["three x"], tenant: "three")
        _ = try await client.push(#"{"app":"a"}"#, ["one x"], tenant: "one")
        _ = try await client.push(#"{"app":"a","__tenant_id__":"own"}"#, ["last x"], tenant: "two")
        let found = try await frames
        #expect(found[0].contains(#"{"__tenant_id__":"one","app":"a","detected_level":"unknown"}"#))
        #expect(found[0].contains("old x"))
        let later = found.dropFirst().joined()
        #expect(later.contains(#"{"__tenant_id__":"one","app":"a","detected_level":"unknown"}"#))
        #expect(
            later.contains(
                #""__tenant_id__":"two","app":"a","detected_level":"unknown","original___tenant_id__":"own""#))
        #expect(!later.contains("three"))
        await client.stop()
    }

    @Test("of several tenants are refused unless they are allowed")
    func severalRefused() async throws {
        let client = try await LogsClient { $0.isAuthEnabled = true }
        let answer = try await client.get(
            "/loki/api/v1/tail", [("query", #"{app="a"}"#)], headers: [("X-Scope-OrgID", "a|b")])
        #expect(answer.status == 400)
        #expect(answer.text == "multiple org IDs present\n")
        await client.stop()
    }

    @Test(
        "are refused before they begin",
        arguments: [
            ("query=%7B", "parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"),
            ("query=vector(1)", "only log selector is supported"),
            ("query=\(query)&delay_for=6", "delay_for can't be greater than 5"),
            ("query=\(query)&delay_for=-1", "delay_for can't be negative"),
            (
                "query=\(query)&limit=6000",
                "max entries limit per query exceeded, limit > max_entries_limit_per_query (6000 > 5000)"
            ),
        ])
    func refusals(parameters: String, message: String) async throws {
        let client = try await LogsClient()
        let answer = try await client.get("/loki/api/v1/tail?\(parameters)")
        #expect(answer.status == 400)
        #expect(answer.text == message + "\n")
        await client.stop()
    }

    @Test("need a request for an upgrade")
    func plain() async throws {
        let client = try await LogsClient()
        let answer = try await client.get("/loki/api/v1/tail?query=\(Self.query)")
        #expect(answer.status == 400)
        #expect(answer.text == "this path speaks WebSocket: the request must ask for an upgrade\n")
        await client.stop()
    }

    @Test("are told of lines for which there is no memory, and go on with the next")
    func memory() async throws {
        // The push takes more than tails may have of it.
        let client = try await LogsClient(memory: 16 << 20) { $0.limits.discoverServiceName = [] }
        _ = try await client.push(#"{"app":"a"}"#, ["old x"])
        let port = client.server.address.port
        let opened = Lock<Bool>(false)
        async let frames = blocking {
            let socket = WebSocketClient(port: port, target: "/loki/api/v1/tail?query=\(Self.query)")
            var texts = [socket.next()?.text ?? "nothing"]
            opened.withLock { $0 = true }
            while !texts[texts.count - 1].contains("last x"), let next = socket.next() { texts.append(next.text) }
            return texts
        }
        while !opened.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        let ballast = client.store.queryBudget.headroom - (1 << 20)
        #expect(client.store.queryBudget.reserve(ballast))
        _ = try await client.push(#"{"app":"a"}"#, ["lost x"])
        client.store.queryBudget.release(ballast)
        _ = try await client.push(#"{"app":"a"}"#, ["last x"])
        let found = try await frames.joined()
        #expect(!found.contains("lost x"))
        #expect(found.contains(#""dropped_entries":[{"labels":{},"timestamp":"\#(LogsClient.now)"}]"#))
        await client.stop()
    }

    @Test("give what they hold back when a client is gone")
    func release() async throws {
        let client = try await LogsClient()
        let port = client.server.address.port
        let before = client.store.queryBudget.used
        _ = try await blocking {
            let socket = WebSocketClient(port: port, target: "/loki/api/v1/tail?query=\(Self.query)")
            return socket.head.count
        }
        _ = try await client.push(#"{"app":"a"}"#, [String(repeating: "x", count: 200_000)])
        for _ in 0..<500 where client.store.queryBudget.used > before + 400_000 {
            try await Task.sleep(for: .milliseconds(10))
        }
        // The line is in memory once, as everything that was pushed lately.
        #expect(client.store.queryBudget.used <= before + 400_000)
        await client.stop()
    }

    @Test("are as many as the limit says")
    func limit() async throws {
        let client = try await LogsClient { $0.limits.maxTails = 1 }
        let port = client.server.address.port
        let heads = try await blocking {
            let target = "/loki/api/v1/tail?query=\(Self.query)"
            let first = WebSocketClient(port: port, target: target)
            let second = WebSocketClient(port: port, target: target)
            return withExtendedLifetime(first) { [first.head, second.head].map { String($0.prefix(12)) } }
        }
        #expect(heads == ["HTTP/1.1 101", "HTTP/1.1 429"])
        await client.stop()
    }
}
