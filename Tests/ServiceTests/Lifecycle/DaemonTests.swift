import ArgumentParser
import AsyncHTTPClient
import Foundation
import Hummingbird
import NIOHTTP1
import Service
import ServiceLifecycle
import Testing

@Suite("Daemon")
struct DaemonTests {
    @Test("stops cleanly on SIGTERM with exit code 0")
    func stops() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let options = try CommonOptions.parse(["--web.listen-address=127.0.0.1:0", "--log.level=error"])
            await Daemon.run(.test, options: options) { daemon in
                daemon.router.get("/x") { _, _ in "y" }
                daemon.add(Driver(url: "http://\(daemon.address)"))
            }
        }
    }

    @Test("wrong configuration exits with 2, a runtime failure with 1")
    func codes() async {
        await #expect(processExitsWith: .exitCode(2)) {
            let options = try CommonOptions.parse(["--web.listen-address=127.0.0.1:0", "--log.level=error"])
            await Daemon.run(.test, options: options) { _ in
                throw ConfigError(file: "x.yml", line: 1, column: 2, message: "bad")
            }
        }
        await #expect(processExitsWith: .exitCode(1)) {
            let options = try CommonOptions.parse(["--web.listen-address=127.0.0.1:0", "--log.level=error"])
            await Daemon.run(.test, options: options) { _ in
                throw StartupError("no disk")
            }
        }
    }

    @Test("a configuration file of a server that has none exits with 2")
    func configFile() async {
        await #expect(processExitsWith: .exitCode(2)) {
            let options = try CommonOptions.parse(["--web.listen-address=127.0.0.1:0", "--config.file=x.yml"])
            await Daemon.run(.test, options: options) { _ in }
        }
    }

    @Test("a SIGHUP during the start tells the service manager nothing before the server is ready")
    func earlyReload() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let manager = try NotifySocket()
            let options = try CommonOptions.parse(["--web.listen-address=127.0.0.1:0", "--log.level=error"])
            await Daemon.run(.test, options: options) { daemon in
                daemon.router.get("/x") { _, _ in "y" }
                kill(getpid(), SIGHUP)
                // Time in which a reload that is not put off would show.
                try await Task.sleep(for: .milliseconds(200))
                let early = manager.received()
                guard early.isEmpty else { throw StartupError("told early: \(early)") }
                let reloaded = AsyncStream<Void>.makeStream()
                daemon.onReload { reloaded.continuation.yield() }
                daemon.add(Driver(url: "http://\(daemon.address)", reloaded: reloaded.stream))
            }
        }
    }

    @Test("an address that other machines reach needs authentication")
    func exposure() async {
        await #expect(processExitsWith: .exitCode(2)) {
            let options = try CommonOptions.parse(["--web.listen-address=:0"])
            await Daemon.run(.test, options: options) { _ in }
        }
    }
}

extension ServerIdentity {
    fileprivate static let test = ServerIdentity(
        name: "test", about: "Tests.", port: 0, storagePath: "data-test", configFile: .absent("tests have none"))
}

/// Asks the running daemon what it answers, then ends it as a service manager would.
private struct Driver: Service {
    let url: String
    /// A reload that must have happened before the end.
    var reloaded: AsyncStream<Void>?

    func run() async throws {
        let client = HTTPClient.shared
        for path in ["/x", "/-/healthy", "/-/ready"] {
            var last: HTTPClientResponse?
            for _ in 0..<100 {
                last = try? await client.execute(HTTPClientRequest(url: url + path), timeout: .seconds(5))
                if last?.status == .ok { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            guard last?.status == .ok else { throw StartupError("\(path) does not answer") }
        }
        if let reloaded { for await _ in reloaded { break } }
        kill(getpid(), SIGTERM)
        try await gracefulShutdown()
    }
}

/// The service manager's end of the notification protocol.
private final class NotifySocket: Sendable {
    private let descriptor: Int32

    init() throws {
        let path = NSTemporaryDirectory() + "/notify-\(getpid())"
        unlink(path)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw StartupError("cannot bind \(path)") }
        setenv("NOTIFY_SOCKET", path, 1)
    }

    /// What came since the last call.
    func received() -> [String] {
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { return messages }
            messages.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
    }
}
