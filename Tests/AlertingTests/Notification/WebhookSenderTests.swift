import Alerting
import AsyncHTTPClient
import Hummingbird
import MartletCore
import NIOCore
import Service
import Testing

@Suite("A webhook's receiver that misbehaves")
struct WebhookSenderTests {
    /// Sends one notification to a receiver made of `routes`; the reason when it failed.
    private func send(
        timeout: Double = 20, answerTimeout: Duration = .seconds(20),
        _ routes: (Router<ServiceContext>, _ released: AsyncStream<Void>) -> Void
    ) async throws -> NotifyError? {
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let router = Daemon.makeRouter()
        routes(router, released)
        let server = try await EmbeddedServer(router: router, drainTime: .zero)
        let blocking = BlockingPool(threads: 1)
        let webhook = try #require(
            try config(
                """
                route: {receiver: r}
                receivers: [{name: r, webhook_configs: [{url: '\(server.url)/hook'}]}]
                """
            ).receivers.first?.webhooks.first)
        let sender = WebhookSender(
            client: .shared, directClient: .shared, blocking: blocking, answerTimeout: answerTimeout)
        var failure: NotifyError?
        do {
            try await sender.send([0x7B, 0x7D], to: webhook, timeout: timeout)
        } catch {
            failure = error
        }
        release.finish()
        await server.stop()
        await blocking.shutdown()
        return failure
    }

    @Test("hanging without an answer is a failure that is tried again")
    func hangs() async throws {
        let failure = try await send(timeout: 0.2) { router, released in
            router.post("/hook") { _, _ in
                for await _ in released {}
                return Response(status: .ok)
            }
        }
        #expect(failure?.canRetry == true)
    }

    @Test("hanging in the middle of its answer has taken the notification")
    func hangsInside() async throws {
        let failure = try await send(answerTimeout: .milliseconds(50)) { router, released in
            router.post("/hook") { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        try await writer.write(ByteBuffer(string: "so "))
                        for await _ in released {}
                        try await writer.finish(nil)
                    })
            }
        }
        #expect(failure == nil)
    }

    @Test("sending without end has taken the notification")
    func endless() async throws {
        let failure = try await send { router, _ in
            router.post("/hook") { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        // A gigabyte, unless the sender goes away before.
                        let chunk = ByteBuffer(repeating: 0x20, count: 1 << 20)
                        for _ in 0..<1024 { try await writer.write(chunk) }
                        try await writer.finish(nil)
                    })
            }
        }
        #expect(failure == nil)
    }

    @Test(
        "answering with a status that is no success",
        arguments: [(500, true), (429, true), (400, false), (404, false), (301, false)])
    func status(code: Int, canRetry: Bool) async throws {
        let failure = try await send { router, _ in
            router.post("/hook") { _, _ in Response(status: .init(code: code)) }
        }
        #expect(failure?.canRetry == canRetry)
    }

    @Test("redirecting in a circle is a failure")
    func circle() async throws {
        let failure = try await send { router, _ in
            router.post("/hook") { _, _ in Response(status: .temporaryRedirect, headers: [.location: "/hook"]) }
        }
        #expect(failure != nil)
    }
}
