import NIOCore
import NIOPosix
import Service
import Testing

@Suite("ConnectionFailure")
struct ConnectionFailureTests {
    @Test("a refused connection is said in words")
    func refused() async {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        await #expect {
            try await bootstrap.connect(host: "127.0.0.1", port: 1).get()
        } throws: {
            ConnectionFailure.reason($0) == "connection refused"
        }
    }

    @Test("other errors are left to others")
    func others() {
        #expect(ConnectionFailure.reason(CancellationError()) == nil)
    }
}
