import Backup
import Durable
import Testing

@Suite("Pruning")
struct PruningTests {
    private let fixture: Fixture
    private let hour: Int64 = 3_600_000

    init() throws { fixture = try Fixture() }

    /// Backups an hour apart, each with a file of its own and one that all have.
    private func backUp(_ count: Int) async throws -> [BackupManifest] {
        var made: [BackupManifest] = []
        try fixture.write("always", [42])
        for number in 0..<count {
            try fixture.write("changing", [UInt8](repeating: UInt8(number), count: 100 + number))
            made.append(try await fixture.backUp(at: fixture.now + Int64(number) * hour))
        }
        return made
    }

    @Test("keeps the newest, and removes what no other names")
    func newest() async throws {
        let made = try await backUp(4)
        let outcome = try await Pruning(repository: fixture.repository, keep: 2).run(nowMs: fixture.now + 9 * hour)
        #expect(outcome.backups == made[..<2].map(\.id))
        #expect(outcome.kept == 2)
        #expect(outcome.objects == 2)
        #expect(outcome.bytes == 201)
        #expect(try await fixture.repository.backups() == made[2...].map(\.id))
        #expect(try await fixture.repository.contents().values.sorted() == [1, 102, 103])
        let check = try await Verification(repository: fixture.repository) { _ in }.run(made[2...].map(\.id))
        #expect(check.problems == 0)
        #expect(check.objects == 3)
    }

    @Test("only tells what it would do, when asked for no more")
    func dryRun() async throws {
        let made = try await backUp(3)
        let outcome = try await Pruning(repository: fixture.repository, keep: 1, isDryRun: true)
            .run(nowMs: fixture.now + 9 * hour)
        #expect(outcome.backups.count == 2)
        #expect(outcome.objects == 2)
        #expect(try await fixture.repository.backups() == made.map(\.id))
        #expect(try await fixture.repository.contents().count == 4)
    }

    @Test("leaves objects alone while a backup runs, and takes it for dead after the grace")
    func running() async throws {
        _ = try await backUp(2)
        let running = StampedName.make(fixture.now + 3 * hour)
        try await fixture.repository.begin(.running, running)
        let first = try await Pruning(repository: fixture.repository, keep: 1).run(nowMs: fixture.now + 9 * hour)
        #expect(first.waitsFor == running)
        #expect(first.objects == 0)
        #expect(try await fixture.repository.contents().count == 3)
        let second = try await Pruning(repository: fixture.repository, keep: 1).run(nowMs: fixture.now + 28 * hour)
        #expect(second.waitsFor == nil)
        #expect(second.objects == 1)
        #expect(try await fixture.repository.activities(.running).isEmpty)
        #expect(try await fixture.repository.activities(.pruning).isEmpty)
    }

    @Test("keeps the newest of each store: newer backups of others do not count")
    func stores() throws {
        func manifest(_ number: Int, _ stores: [StoreName]) -> BackupManifest {
            var manifest = BackupManifest(
                id: StampedName.make(fixture.now + Int64(number) * hour), host: "", startedMs: 0)
            manifest.stores = stores.map { StoreContent($0, version: "1", takenMs: 0, files: []) }
            return manifest
        }
        let all = [
            manifest(0, [.metrics, .logs]), manifest(1, [.metrics, .logs]), manifest(2, [.metrics]),
            manifest(3, [.metrics]),
        ]
        #expect(Pruning.kept(all, keep: 1) == [all[1].id, all[3].id])
        #expect(Pruning.kept(all, keep: 2) == Set(all.map(\.id)))
    }
}
