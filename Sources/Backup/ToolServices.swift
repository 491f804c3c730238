import AsyncHTTPClient
import NIOPosix
import Service
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// What a command needs to reach others and to wait for disks.
struct ToolServices: Sendable {
    let client: HTTPClient
    let blocking: BlockingPool

    /// The command was asked to end.
    struct Interrupted: Error, CustomStringConvertible {
        var description: String { "interrupted" }
    }

    /// Runs `body`, which SIGINT or SIGTERM cancels; a second one ends the process at once.
    static func running(_ body: @escaping @Sendable (ToolServices) async throws -> Void) async throws {
        signal(SIGPIPE, SIG_IGN)
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        let services = ToolServices(client: client, blocking: BlockingPool(threads: 4))
        let work = Task { try await body(services) }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let listening = Task {
            var isSecond = false
            for await _ in signals {
                if isSecond { Glibc.exit(1) }
                isSecond = true
                work.cancel()
            }
        }
        let result = await work.result
        listening.cancel()
        try? await client.shutdown()
        if case .failure(let error) = result, work.isCancelled || error is CancellationError { throw Interrupted() }
        try result.get()
    }
}
