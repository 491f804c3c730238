import NIOCore
import NIOPosix

/// A TCP client that says exactly what a test tells it to.
final class RawClient: Sendable {
    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    private let received: Received

    private actor Received {
        private var text = ""
        private var ended = false
        private var waiters: [CheckedContinuation<Void, Never>] = []

        func add(_ buffer: ByteBuffer) {
            text += String(buffer: buffer)
            wake()
        }

        func end() {
            ended = true
            wake()
        }

        private func wake() {
            for waiter in waiters { waiter.resume() }
            waiters = []
        }

        func some() async -> String {
            while text.isEmpty && !ended { await withCheckedContinuation { waiters.append($0) } }
            defer { text = "" }
            return text
        }

        func all() async -> String {
            while !ended { await withCheckedContinuation { waiters.append($0) } }
            return text
        }
    }

    private let lazyRead: AsyncStream<Void>.Continuation

    init(host: String = "127.0.0.1", port: Int) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        self.channel = channel
        let received = Received()
        self.received = received
        let start = AsyncStream<Void>.makeStream()
        lazyRead = start.continuation
        Task {
            // Reading starts with the first call that wants an answer, so that a test can refuse to read.
            for await _ in start.stream { break }
            try? await channel.executeThenClose { inbound, _ in
                for try await buffer in inbound { await received.add(buffer) }
            }
            await received.end()
        }
    }

    deinit {
        lazyRead.finish()
        channel.channel.close(promise: nil)
    }

    func send(_ text: String) async throws {
        // A server that has closed already answers the test's question when it is read from.
        try? await channel.channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Sends FIN: nothing more will come. Answers are still read.
    func closeSending() async throws {
        try await channel.channel.close(mode: .output)
    }

    /// Closes the whole connection.
    func close() async throws {
        try await channel.channel.close()
    }

    func readSome() async throws -> String {
        lazyRead.yield()
        return await received.some()
    }

    func readToEnd() async throws -> String {
        lazyRead.yield()
        return await received.all()
    }
}
