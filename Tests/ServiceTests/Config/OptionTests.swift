import ArgumentParser
import Foundation
import Logging
import Service
import Testing

@Suite("Flags")
struct OptionTests {
    @Test(
        "addresses",
        arguments: [
            ("127.0.0.1:9090", "127.0.0.1", 9090, true), ("localhost:1", "localhost", 1, true),
            ("[::1]:80", "::1", 80, true), (":9090", "", 9090, false), ("0.0.0.0:0", "0.0.0.0", 0, false),
            ("[fe80::1]:80", "fe80::1", 80, false), ("127.evil.com:80", "127.evil.com", 80, false),
            ("127.0.0.1.evil:80", "127.0.0.1.evil", 80, false), ("10.1.2.3:80", "10.1.2.3", 80, false),
        ])
    func addresses(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(
        "what is no address",
        arguments: ["", "9090", "host", "host:", "host:x", "host:65536", "host:-1", "::1:80", "a b:1"])
    func badAddresses(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(
        "sizes",
        arguments: [
            ("512MB", 512 << 20), ("2GiB", 2 << 30), ("1.5k", 1536), ("0", 0), ("7B", 7), ("1E", 1 << 60),
        ] as [(String, Int)])
    func sizes(text: String, bytes: Int) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test("what is no size", arguments: ["", "MB", "-1", "1 MB", "1XB", "1e3", "9E9", "٣MB", "0x10"])
    func badSizes(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test("sizes are shown short")
    func shown() {
        #expect(ByteSize.format(2 << 30) == "2GiB")
        #expect(ByteSize.format(1_263_825_510) == "1.2GiB")
        #expect(ByteSize.format(1000) == "1000B")
    }

    @Test("the memory limit is a size, or a share of what the control groups allow")
    func memory() throws {
        #expect(MemoryLimit(argument: "60%") == .share(0.6))
        #expect(MemoryLimit(argument: "512MB") == .bytes(512 << 20))
        for text in ["0%", "101%", "x%", "12", "-1MB"] { #expect(MemoryLimit(argument: text) == nil) }

        let folder = try TestFolder()
        for directory in ["/proc/self", "/sys/fs/cgroup/a/b"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + directory, withIntermediateDirectories: true)
        }
        try folder.write("proc/self/cgroup", "0::/a/b\n")
        try folder.write("sys/fs/cgroup/a/b/memory.max", "max\n")
        try folder.write("sys/fs/cgroup/a/memory.max", "104857600\n")
        #expect(MemoryLimit.availableBytes(root: folder.path) == 100 << 20)
        #expect(MemoryLimit.share(0.5).resolve(available: 100 << 20) == 50 << 20)
    }

    @Test("the sync policy is always or an interval")
    func sync() {
        #expect(WALSync(argument: "always") == .always)
        #expect(WALSync(argument: "1s") == .interval(milliseconds: 1000))
        #expect(WALSync(argument: "200ms") == .interval(milliseconds: 200))
        #expect("\(WALSync.always.policy)" == "always")
        #expect("\(WALSync.interval(milliseconds: 200).policy)" == "interval(seconds: 0.2)")
        for text in ["", "0s", "2h", "soon", "-1s"] { #expect(WALSync(argument: text) == nil) }
    }

    @Test("help names each server's own defaults, as a user would type them")
    func help() throws {
        let identity = ServerIdentity(
            name: "test", about: "Tests.", port: 1234, storagePath: "data-test", configFile: .named("a test.yml"))
        let text = ServerIdentity.parsing(identity) { CommonOptions.helpMessage(columns: 200) }
        for part in [
            "--config.file <file>", "Configuration: a test.yml", "--storage.path <directory>", "(default: data-test)",
            "--web.listen-address <host:port>", "(default: 127.0.0.1:1234)", "(default: 60%)", "(default: 1s)",
        ] {
            #expect(text.contains(part))
        }
        let without = ServerIdentity(
            name: "test", about: "Tests.", port: 1, storagePath: "d", configFile: .absent("tests have none"))
        #expect(!ServerIdentity.parsing(without) { CommonOptions.helpMessage() }.contains("--config.file"))
    }

    @Test(
        "a value that does not fit is explained",
        arguments: [
            ("--web.listen-address=9090", "use HOST:PORT"), ("--memory.limit=lots", "or a share such as 60%"),
            ("--storage.wal-sync=soon", "use always, or an interval"),
            ("--web.max-connections=x", "use a whole number"),
            ("--log.level=loud", "'debug', 'info', 'warn' or 'error'"),
        ])
    func explained(flag: String, advice: String) {
        let error = #expect(throws: (any Error).self) { try CommonOptions.parse([flag]) }
        #expect(error.map { FlagSyntax.explain(CommonOptions.message(for: $0)) }?.contains(advice) == true)
    }

    @Test("durations and sizes are explained")
    func durations() {
        let error = #expect(throws: (any Error).self) { try Limits.parse(["--time=15x"]) }
        #expect(error.map { FlagSyntax.explain(Limits.message(for: $0)) }?.contains("such as 15d, 12h, 30m") == true)
        let second = #expect(throws: (any Error).self) { try Limits.parse(["--size=big"]) }
        #expect(second.map { FlagSyntax.explain(Limits.message(for: $0)) }?.contains("such as 512MB") == true)
        #expect(FlagSyntax.explain("something else") == "something else")
    }

    @Test("a misspelt subcommand gets the one that was meant")
    func subcommands() {
        #expect(CommandFlags.unknownSubcommand(["fly"], of: Tool.self)?.message == nil)
        #expect(CommandFlags.unknownSubcommand(["--help"], of: Tool.self)?.message == nil)
        #expect(CommandFlags.unknownSubcommand(["help", "flyy"], of: Tool.self)?.message == nil)
        #expect(
            CommandFlags.unknownSubcommand(["flyy"], of: Tool.self)?.message
                == "unknown subcommand \"flyy\": did you mean fly?")
        #expect(
            CommandFlags.unknownSubcommand(["swim"], of: Tool.self)?.message
                == "unknown subcommand \"swim\": there are fly, perch")
    }

    @Test(
        "wrong flags are refused",
        arguments: [
            "--web.max-connections=0", "--web.max-connections-per-client=0",
            "--tracing.endpoint=localhost:4318", "--log.level=loud",
            "--web.listen-address=9090",
        ])
    func refused(flag: String) {
        #expect(throws: (any Error).self) { try CommonOptions.parse([flag]) }
    }

    @Test("the usual number of tenants is lowered to what open files bear, a wanted one is refused with the numbers")
    func tenants() throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let few = OpenFileLimit(files: 1024)
        #expect(try TenantOptions.parse([]).resolve(filesEach: 4, within: few, logger: logger) == 128)
        #expect(try TenantOptions.parse([]).resolve(filesEach: 4, within: .init(files: 8000), logger: logger) == 1000)
        let wanted = try TenantOptions.parse(["--storage.max-tenants=200"])
        #expect(try wanted.resolve(filesEach: 2, within: few, logger: logger) == 200)
        let refusal = #expect(throws: UsageError.self) {
            try wanted.resolve(filesEach: 4, within: few, logger: logger)
        }
        let text = refusal.map { "\($0)" } ?? ""
        for part in ["--storage.max-tenants=200 needs 800 open files", "the 1024", "lower it to 128", "to 1600"] {
            #expect(text.contains(part))
        }
    }
}

private struct Limits: ParsableArguments {
    @Option(help: ArgumentHelp("How long.", value: .duration))
    var time = FlagDuration(milliseconds: 1000)
    @Option(help: ArgumentHelp("How much.", value: .size))
    var size = FlagByteSize(bytes: 1)
}

private struct Tool: ParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [Fly.self, Perch.self])

    struct Fly: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "fly")
    }

    struct Perch: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "perch")
    }
}
