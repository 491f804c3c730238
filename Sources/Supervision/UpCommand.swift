package import ArgumentParser
import AsyncHTTPClient
import CPlatform
import Durable
import NIOCore
import NIOPosix
import Service
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// `martlet up`: the whole stack on this machine, from one data directory, with nothing to configure.
package struct UpCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Run the whole stack on this machine.",
        discussion: """
            Starts the six servers as child processes, wires them to each other, restarts one that dies and stops them \
            all on Ctrl-C. Their configuration files are written to DATA/config; a file that you change is yours and \
            stays. Dashboards of your own go to DATA/config/dashboards. What the servers say is in DATA/output.
            """)

    @Option(
        help: ArgumentHelp(
            "Directory for everything.", value: .directory,
            default: "./martlet-data, or martlet in $XDG_DATA_HOME where that is set"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Address of the web interface, which asks for a login; the other servers stay on loopback.", value: .host))
    var listen = "127.0.0.1"

    @Option(
        name: .customLong("port-offset"),
        help: ArgumentHelp("Added to every port, to run beside another stack.", value: .count))
    var portOffset = 0

    @Option(name: .customLong("log.level"), help: ArgumentHelp("Least severe level that is logged.", value: .level))
    var logLevel = LogLevel.info

    @Option(name: .customLong("log.format"), help: ArgumentHelp("How log lines are written.", value: .format))
    var logFormat = LogFormat.logfmt

    package init() {}

    package mutating func validate() throws {
        guard (0...45000).contains(portOffset) else {
            throw ValidationError("--port-offset must be within 0 and 45000")
        }
        // One colon is a port; an IPv6 address has more.
        guard listen.count(where: { $0 == ":" }) != 1 else {
            throw ValidationError(
                "--listen takes an address without a port, such as 0.0.0.0; --port-offset moves the ports")
        }
    }

    package func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        cplatform_limit_malloc_arenas(1)
        NIOSingletons.groupLoopCountSuggestion = 1
        let stack = Stack(data: dataDirectory(), host: listen, offset: portOffset)
        for directory in stack.directories { try Self.makeDirectory(directory) }
        let lock = try takeLock(stack)
        let conflicts = PortCheck.conflicts(stack.members)
        guard conflicts.isEmpty else {
            throw StartupError(
                conflicts.joined(separator: "; ") + "; stop what uses it or choose other ports with --port-offset")
        }
        let outcomes = try GeneratedFiles(directory: stack.configDirectory).publish(StackConfig.files(stack))
        for name in outcomes.filter({ $0.value == .kept }).keys.sorted() {
            StandardOutput.write("using your \(stack.configDirectory)/\(name)\n")
        }

        let members = stack.members
        let board = StatusBoard(
            members.map { ($0.name, "\($0.address)") }, isTerminal: StandardOutput.isTerminal)
        let client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: .init())
        let supervisor = Supervisor(
            stack: stack, executables: try Self.executableDirectory(),
            logArguments: ["--log.level=\(logLevel.rawValue)", "--log.format=\(logFormat.rawValue)"], board: board,
            client: client)

        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let listening = Task {
            var isSecond = false
            for await _ in signals {
                // Impatience: the death signal and the stores' logs make this safe.
                if isSecond { Glibc.exit(1) }
                isSecond = true
                Task { await supervisor.stop() }
            }
        }
        let greeting = Task {
            await board.allReady()
            // One request that is traced, so that the trace store has something to show from the first moment.
            _ = try? await client.execute(
                HTTPClientRequest(url: stack.url(9093) + "/api/v2/status"), timeout: .seconds(5))
            let password = SmallFile.read(stack.data + "/dashboards/initial-admin-password", limit: 4096)?
                .split(separator: "\n").first.map(String.init)
            await board.say(Greeting.text(stack, password: password))
        }
        await supervisor.run()
        listening.cancel()
        greeting.cancel()
        try? await client.shutdown()
        // Held until here: no second stack may use the directory while servers still write to it.
        withExtendedLifetime(lock) {}
        Glibc.exit(0)
    }

    private func dataDirectory() -> String {
        let chosen: String
        if let data {
            chosen = data
        } else if let home = getenv("XDG_DATA_HOME").map({ String(cString: $0) }), home.hasPrefix("/") {
            chosen = home + "/martlet"
        } else {
            chosen = "martlet-data"
        }
        return AbsolutePath.of(chosen)
    }

    private static func makeDirectory(_ path: String) throws(StartupError) {
        var partial = ""
        for part in path.split(separator: "/") {
            partial += "/" + part
            guard mkdir(partial, 0o750) != 0, errno != EEXIST else { continue }
            throw StartupError("cannot make the directory \(partial): \(String(cString: strerror(errno)))")
        }
    }

    private func takeLock(_ stack: Stack) throws -> DirectoryLock {
        do {
            return try DirectoryLock(stack.data)
        } catch {
            throw StartupError("\(error)")
        }
    }

    /// The directory of this executable, which is where the servers are.
    private static func executableDirectory() throws -> String {
        var target = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &target, target.count - 1)
        guard count > 0 else { throw StartupError("cannot tell where this executable is: /proc is not mounted") }
        let path = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
