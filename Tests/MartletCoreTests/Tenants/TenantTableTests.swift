import MartletCore
import Testing

@Suite("Tenant table")
struct TenantTableTests {
    private struct Failure: Error {}

    @Test("makes a value once, for all who ask while it is being made")
    func once() async throws {
        let table = TenantTable<Int>(limit: 10, limitKey: "--max")
        let made = Lock(0)
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await table.value(for: "a") {
                        made.withLock { $0 += 1 }
                        for await _ in gate {}
                        return 7
                    }
                }
            }
            // Another tenant is not held up by the slow one.
            #expect(try await table.value(for: "b") { 8 } == 8)
            #expect(table.existing("a") == nil)
            opener.finish()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == [Int](repeating: 7, count: 8))
        #expect(made.withLock { $0 } == 1)
        #expect(table.existing("a") == 7)
        #expect(table.all.map(\.tenant).sorted() == ["a", "b"])
    }

    @Test("refuses a tenant too many and names the key; those that are known stay")
    func limit() async throws {
        let table = TenantTable(limit: 2, limitKey: "--max", known: ["a": 1, "b": 2, "c": 3])
        #expect(try await table.value(for: "c") { 4 } == 3)
        let error = await #expect(throws: TenantTable<Int>.Full.self) { try await table.value(for: "d") { 4 } }
        #expect(
            error.map { "\($0)" } == "tenant \"d\" is not known and there are 2 tenants already; raise --max")
        #expect(table.existing("d") == nil)
    }

    @Test("tries again after a failure, and a failed tenant takes no place")
    func failure() async throws {
        let table = TenantTable<Int>(limit: 1, limitKey: "--max")
        await #expect(throws: Failure.self) { try await table.value(for: "a") { throw Failure() } }
        #expect(try await table.value(for: "b") { 1 } == 1)
    }
}
