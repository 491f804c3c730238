import Durable
import Logging
import MartletCore
import Testing
import TraceStorage
import Wire

@Suite("A snapshot of a trace database")
struct SnapshotTests {
    private let directory: TemporaryDirectory
    private let copy: TemporaryDirectory
    private let now: UInt64 = 1_700_000_000_000_000_000

    init() throws {
        directory = try TemporaryDirectory("traces")
        copy = try TemporaryDirectory("snapshot")
    }

    private func open(_ path: String) throws -> TraceDatabase {
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        return try TraceDatabase(
            path, options: options, budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
    }

    @Test("opens with the spans of all tenants, in parts and in the log, while the database goes on")
    func whole() async throws {
        let database = try open(directory.path)
        let store = try await database.store(for: .single, now: now) { try $0() }
        let lock = try await database.store(for: try TenantID("lock"), now: now) { try $0() }
        func send(_ ids: ClosedRange<UInt64>, to store: TraceStore) throws {
            for id in ids {
                let request = OTLPFixture.request(service: "a", [OTLPFixture.span(id, 1)])
                _ = try store.append(request.protobuf(), now: now)
            }
        }
        try send(1...20, to: store)
        database.maintain(now: now)
        try send(21...25, to: store)
        try send(1...3, to: lock)
        try database.snapshot(to: copy.path)
        try send(26...40, to: store)
        database.maintain(now: now)
        let again = try open(copy.path)
        #expect(again.existingStore(for: .single)?.statistics().spans == 25)
        #expect(again.existingStore(for: try TenantID("lock"))?.statistics().spans == 3)
        #expect(store.statistics().spans == 40)
    }
}
