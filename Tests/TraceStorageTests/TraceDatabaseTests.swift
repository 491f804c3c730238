import Durable
import Logging
import MartletCore
import Testing
import TraceStorage
import Wire

@Suite("Trace database")
struct TraceDatabaseTests {
    private let directory: TemporaryDirectory
    private let now: UInt64 = 1_700_000_000_000_000_000

    init() throws {
        directory = try TemporaryDirectory("traces")
    }

    private func open(maxTenants: Int = 10) throws(TraceStoreError) -> TraceDatabase {
        var options = TraceStoreOptions()
        options.maxTenants = maxTenants
        return try TraceDatabase(
            directory.path, options: options, budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
    }

    @Test("keeps tenants apart, in memory and on disk")
    func tenants() async throws {
        var database: TraceDatabase? = try open()
        let one = try TenantID("team-1")
        _ = try await database?.store(for: one, now: now) { try $0() }
            .append(OTLPFixture.full().protobuf(), now: now)
        _ = try await database?.store(for: .single, now: now) { try $0() }
        let high: UInt64 = 0x0102_0304_0506_0708
        #expect(database?.existingStore(for: one)?.trace(high: high, low: 9) != nil)
        #expect(database?.existingStore(for: .single)?.trace(high: high, low: 9) == nil)
        #expect(try DiskFileSystem().list(directory.path) == ["lock", "single-tenant", "team-1"])
        database = nil
        let again = try open()
        #expect(again.all.count == 2)
        #expect(again.existingStore(for: one)?.trace(high: high, low: 9) != nil)
    }

    @Test("has a place for a tenant whose name is that of a file of its own")
    func lock() async throws {
        let tenant = try TenantID("lock")
        var database: TraceDatabase? = try open()
        _ = try await database?.store(for: tenant, now: now) { try $0() }
            .append(OTLPFixture.full().protobuf(), now: now)
        database = nil
        let names = try DiskFileSystem().list(directory.path)
        #expect(names == ["lock", "lock~"])
        let again = try open()
        #expect(again.all.map(\.tenant) == ["lock"])
        #expect(again.existingStore(for: tenant)?.statistics().spans == 1)
    }

    @Test("has a limit for tenants, beyond which new ones are refused and leave nothing on the disk")
    func tooManyTenants() async throws {
        let database = try open(maxTenants: 1)
        _ = try await database.store(for: .single, now: now) { try $0() }
        let stranger = try TenantID("stranger")
        let error = await #expect(throws: TenantTable<TraceStore>.Full.self) {
            _ = try await database.store(for: stranger, now: now) { try $0() }
        }
        #expect(error.map { "\($0)" }?.hasSuffix("raise --storage.max-tenants") == true)
        #expect(try DiskFileSystem().list(directory.path) == ["lock", "single-tenant"])
        _ = try await database.store(for: .single, now: now) { try $0() }
    }

    @Test("belongs to one process")
    func locked() throws {
        let first = try open()
        let error = #expect(throws: TraceStoreError.self) { _ = try open() }
        #expect(error.map { "\($0)" }?.contains("is in use by process") == true)
        withExtendedLifetime(first) {}
    }

    @Test("lets its directory be opened at once after it was closed, and changes nothing in it any more")
    func closed() async throws {
        let first = try open()
        let store = try await first.store(for: .single, now: now) { try $0() }
        _ = try store.append(OTLPFixture.full().protobuf(), now: now)
        try first.close()
        let second = try open()
        #expect(second.existingStore(for: .single)?.statistics().spans == 1)
        try first.close()
        first.maintain(now: now + 1_000_000_000_000_000_000)
        #expect(throws: TraceStoreError.self) { try store.append(OTLPFixture.full().protobuf(), now: now) }
        let stranger = try TenantID("stranger")
        await #expect(throws: DurableError.self) { try await first.store(for: stranger, now: now) { try $0() } }
        #expect(try DiskFileSystem().list(directory.path) == ["lock", "single-tenant"])
        #expect(try DiskFileSystem().list(directory.file("single-tenant/parts")).isEmpty)
        #expect(throws: TraceStoreError.self) { try open() }
        try second.close()
        #expect(try open().existingStore(for: .single)?.statistics().spans == 1)
    }

    @Test(
        "refuses names of tenants that are no good directory names",
        arguments: ["", ".", "..", "a/b", "a b", "ü", "a|b"])
    func badNames(name: String) {
        #expect(throws: TraceStoreError.self) { try TenantID(name) }
    }

    @Test(
        "takes the names that Tempo takes",
        arguments: ["a", "A-1_!.*'()", "single-tenant", String(repeating: "x", count: 150)])
    func goodNames(name: String) throws {
        #expect(try TenantID(name).name == name)
    }
}
