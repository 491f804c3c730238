import AsyncHTTPClient
import Foundation
import Glibc
import Supervision
import Synchronization
import Testing

@Suite("Supervisor", .serialized)
struct SupervisorTests {
    /// Stands in for all six servers: says something, notes that it ran, and waits for its end.
    private static let script = """
        #!/bin/sh
        name=$(basename "$0")
        echo run >> "$(dirname "$0")/$name.runs"
        echo "$name says hello"
        if [ "$name" = martlet-alerts ] && [ ! -e "$(dirname "$0")/died" ]; then
            touch "$(dirname "$0")/died"
            echo "cannot go on" >&2
            exit 1
        fi
        trap 'echo "$name" >> "$(dirname "$0")/ends"; exit 0' TERM
        while :; do sleep 0.05; done
        """

    @Test("starts every server, restarts the one that dies, keeps what they say, and stops them all")
    func supervises() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("up-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/output", withIntermediateDirectories: true)
        let stack = Stack(data: folder, host: "127.0.0.1", offset: 20_000)
        for member in stack.members {
            let path = folder + "/" + member.executable
            try Self.script.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let shown = Shown()
        let board = StatusBoard(stack.members.map { ($0.name, "\($0.address)") }, isTerminal: false) { shown.add($0) }
        let client = HTTPClient()
        let supervisor = Supervisor(
            stack: stack, executables: folder, logArguments: [], board: board, client: client)
        let running = Task { await supervisor.run() }

        func runs(_ name: String) -> Int {
            ((try? String(contentsOfFile: folder + "/martlet-\(name).runs", encoding: .utf8)) ?? "").split(
                separator: "\n"
            )
            .count
        }
        for _ in 0..<500 where runs("alerts") < 2 || !stack.members.allSatisfy({ runs($0.name) > 0 }) {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(runs("alerts") == 2)
        #expect(runs("metrics") == 1)
        #expect(shown.text.contains("restarting in 0.5 s: exit code 1, cannot go on"))

        await supervisor.stop()
        await running.value
        #expect(shown.text.contains("stopped"))
        // What sends stops before what stores, and the metrics last, to which logs and traces send.
        let ends = try String(contentsOfFile: folder + "/ends", encoding: .utf8).split(separator: "\n")
        #expect(Set(ends.prefix(3)) == ["martlet-alerts", "martlet-agent", "martlet-dashboards"])
        #expect(Set(ends.dropFirst(3).prefix(2)) == ["martlet-logs", "martlet-traces"])
        #expect(ends.dropFirst(5) == ["martlet-metrics"])
        let output = try String(contentsOfFile: folder + "/output/alerts.log", encoding: .utf8)
        #expect(output == "martlet-alerts says hello\ncannot go on\nmartlet-alerts says hello\n")
        try await client.shutdown()
    }

    @Test("names the port that is taken and who needs it")
    func ports() throws {
        let listener = try TakenPort()
        let offset = listener.port - 9090
        let stack = Stack(data: "/nowhere", host: "127.0.0.1", offset: offset)
        let conflicts = PortCheck.conflicts(stack.members.filter { $0.name == "metrics" })
        #expect(conflicts.count == 1)
        #expect(
            conflicts.first?.hasPrefix("martlet-metrics needs port \(listener.port) for HTTP, which is in use by")
                == true)
        #expect(conflicts.first?.contains("(process \(ProcessInfo.processInfo.processIdentifier))") == true)
    }
}

/// Collects what a board writes.
private final class Shown: Sendable {
    private let lines = Mutex<String>("")
    func add(_ text: String) { lines.withLock { $0 += text } }
    var text: String { lines.withLock { $0 } }
}

/// A listening socket on a port above 9090.
private final class TakenPort {
    let port: Int
    private let socket: Int32

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        try #require(bound)
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(port > 9090)
    }

    deinit {
        close(socket)
    }
}
