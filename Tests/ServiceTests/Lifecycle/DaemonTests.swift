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
        kill(getpid(), SIGTERM)
        try await gracefulShutdown()
    }
}
