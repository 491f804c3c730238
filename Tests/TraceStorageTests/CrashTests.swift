import Durable
import Glibc
import Logging
import MartletCore
import Testing
import TraceStorage
import Wire

@Suite("A crash of the trace store")
struct CrashTests {
    private static func open(
        _ path: String, flush: Int = 131_072, sync: SyncPolicy = .interval(seconds: 1),
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws -> TraceStore {
        var options = TraceStoreOptions()
        options.rowsPerPart = 100
        options.spansPerFlush = flush
        options.mergeWidth = 3
        options.flushSeconds = 0
        options.segmentBytes = 32 << 10
        options.sync = sync
        return try TraceStore(
            path, options: options, budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: 1, on: fileSystem)
    }

    private static func request(_ number: UInt64) -> [UInt8] {
        let spans = (1...4).map {
            OTLPFixture.span(number + 1, $0, "operation \(number)", attributes: [("n", .int(Int64(number)))])
        }
        return OTLPFixture.request(service: "service \(number % 7)", spans).protobuf()
    }

    @Test("by kill -9 loses nothing that was acknowledged")
    func kill() async throws {
        let directory = try TemporaryDirectory("traces")
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try Self.open(path)
            for number in 0..<500 as Range<UInt64> { _ = try store.append(Self.request(number), now: 1) }
            Glibc.kill(getpid(), SIGKILL)
        }
        let store = try Self.open(path)
        #expect(store.statistics().spans == 2000)
        #expect(store.statistics().traces == 500)
        for number in 0..<500 as Range<UInt64> {
            #expect(store.trace(high: 0, low: number + 1) == Self.request(number))
        }
    }

    @Test("by kill -9 loses nothing either while spans go into parts and parts are merged")
    func killWithParts() async throws {
        let directory = try TemporaryDirectory("traces")
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try Self.open(path, flush: 100)
            for number in 0..<500 as Range<UInt64> {
                _ = try store.append(Self.request(number), now: 1)
                if number % 50 == 49 { store.maintain(now: 1) }
            }
            Glibc.kill(getpid(), SIGKILL)
        }
        let store = try Self.open(path)
        #expect(store.statistics().parts > 0)
        #expect(store.statistics().spans == 2000)
        for number in 0..<500 as Range<UInt64> {
            #expect(store.trace(high: 0, low: number + 1) == Self.request(number))
        }
    }

    @Test("by power loss loses nothing acknowledged, at any sync of a log, a part, or a merge")
    func powerLossWithParts() throws {
        let live = try TemporaryDirectory("traces")
        let recording = try RecordingFileSystem(root: live.path)
        var acknowledged: [Int] = []
        let store = try Self.open(live.path, flush: 8, sync: .always, on: recording)
        for number in 0..<16 as Range<UInt64> {
            _ = try store.append(Self.request(number), now: 1)
            acknowledged.append(recording.position)
            if number % 4 == 3 { store.maintain(now: 1) }
        }
        store.maintain(now: 1)
        for loss in PowerLoss.all(of: recording, seeds: 1) {
            let after = try TemporaryDirectory("traces")
            try loss.rebuild(recording, into: after.path)
            let reopened = try Self.open(after.path, sync: .always)
            let certain = acknowledged.filter { $0 <= loss.position }.count
            let found = (0..<16 as Range<UInt64>).filter { reopened.trace(high: 0, low: $0 + 1) != nil }
            #expect(found.count >= certain, "\(loss)")
            #expect(found == Array(0..<UInt64(found.count)), "\(loss)")
            #expect(reopened.statistics().spans == found.count * 4, "\(loss)")
            for number in found { #expect(reopened.trace(high: 0, low: number + 1) == Self.request(number), "\(loss)") }
        }
    }

    @Test("by power loss under sync `always` loses nothing that was acknowledged, and invents nothing")
    func powerLoss() throws {
        let live = try TemporaryDirectory("traces")
        let recording = try RecordingFileSystem(root: live.path)
        var acknowledged: [Int] = []
        let store = try Self.open(live.path, sync: .always, on: recording)
        for number in 0..<8 as Range<UInt64> {
            _ = try store.append(Self.request(number), now: 1)
            acknowledged.append(recording.position)
        }
        for loss in PowerLoss.all(of: recording, seeds: 2) {
            let after = try TemporaryDirectory("traces")
            try loss.rebuild(recording, into: after.path)
            let reopened = try Self.open(after.path, sync: .always)
            let certain = acknowledged.filter { $0 <= loss.position }.count
            let found = (0..<8 as Range<UInt64>).filter { reopened.trace(high: 0, low: $0 + 1) != nil }
            #expect(found.count >= certain, "\(loss)")
            #expect(found == Array(0..<UInt64(found.count)), "\(loss)")
            for number in found { #expect(reopened.trace(high: 0, low: number + 1) == Self.request(number), "\(loss)") }
        }
    }
}
