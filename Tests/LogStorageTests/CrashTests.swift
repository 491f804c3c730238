import Durable
import Glibc
import LogStorage
import MartletCore
import Testing

@Suite("A crash of the log store")
struct CrashTests {
    private static let labels = Labels([("app", "web")])

    private static func push(_ number: Int) -> LogRecord {
        LogRecord([
            (labels, (0..<5).map { Entry(time: noon + Int64(number * 10 + $0), line: "push \(number) line \($0)") })
        ])
    }

    @Test("by kill -9 loses nothing that was acknowledged")
    func kill() async throws {
        let directory = try TemporaryDirectory("logs")
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try LogStore.open(path)
            for number in 0..<500 { try store.append(Self.push(number), tenant: "fake") }
            Glibc.kill(getpid(), SIGKILL)
        }
        let store = try LogStore.open(path)
        let found = try store.read()[Self.labels]?.map(\.line) ?? []
        #expect(found == (0..<500).flatMap { number in (0..<5).map { "push \(number) line \($0)" } })
    }

    @Test("by power loss under sync `always` loses nothing that was acknowledged, and invents nothing")
    func powerLoss() throws {
        let live = try TemporaryDirectory("logs")
        let recording = try RecordingFileSystem(root: live.path)
        var options = LogStorageOptions()
        options.sync = .always
        options.generationBytes = 400
        options.blockBytes = 100
        var acknowledged: [Int] = []
        let store = try LogStore.open(live.path, options, fileSystem: recording)
        for number in 0..<12 {
            try store.append(Self.push(number), tenant: "fake")
            acknowledged.append(recording.position)
            if number % 4 == 3 { store.maintain() }
        }
        for loss in PowerLoss.all(of: recording, seeds: 2) {
            let after = try TemporaryDirectory("logs")
            try loss.rebuild(recording, into: after.path)
            let reopened = try LogStore.open(after.path, options)
            let found = try reopened.read()[Self.labels]?.map(\.line) ?? []
            let certain = acknowledged.filter { $0 <= loss.position }.count
            let all = (0..<12).flatMap { number in (0..<5).map { "push \(number) line \($0)" } }
            #expect(found.count >= certain * 5, "\(loss)")
            #expect(Array(all.prefix(found.count)) == found, "\(loss)")
        }
    }
}
