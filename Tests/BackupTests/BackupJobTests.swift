import Backup
import Durable
import Service
import Testing

@Suite("A backup")
struct BackupJobTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test("has every file, and a second one stores only what is new")
    func incremental() async throws {
        try fixture.write("a", [1, 2, 3])
        try fixture.write("deep/er/b", [UInt8](repeating: 7, count: 100_000))
        try fixture.write("empty", [])
        let first = try await fixture.backUp()
        #expect(first.content(of: .config)?.files.map(\.path) == ["a", "deep/er/b", "empty"])
        #expect(first.uploaded == 100_003)
        let same = try await fixture.backUp(at: fixture.now + 1000)
        #expect(same.uploaded == 0)
        // The same content under another name is there already.
        try fixture.write("copy", [1, 2, 3])
        try fixture.write("a", [9])
        let third = try await fixture.backUp(at: fixture.now + 2000)
        #expect(third.uploaded == 1)
        #expect(try await fixture.repository.backups() == [first.id, same.id, third.id])
        #expect(try await fixture.repository.manifest(third.id) == third)
    }

    @Test("leaves no note that it runs, also when it fails")
    func notes() async throws {
        try fixture.write("a", [1])
        _ = try await fixture.backUp()
        #expect(try await fixture.repository.activities(.running).isEmpty)
        let job = BackupJob(
            repository: fixture.repository, sources: [(store: .config, source: .directory("/nowhere/at/all"))],
            access: nil, blocking: fixture.blocking, host: "here")
        await #expect(throws: StartupError.self) { _ = try await job.run(nowMs: fixture.now + 1) }
        #expect(try await fixture.repository.activities(.running).isEmpty)
        #expect(try await fixture.repository.backups().count == 1)
    }

    @Test("says which store it lacks, and has the others")
    func partial() async throws {
        try fixture.write("a", [1])
        let manifest = try await BackupJob(
            repository: fixture.repository,
            sources: [
                (store: .metrics, source: .directory("/nowhere/at/all")),
                (store: .config, source: .directory(fixture.source)),
            ], access: nil, blocking: fixture.blocking, host: "here"
        ).run(nowMs: fixture.now)
        #expect(manifest.failed.map(\.store) == [.metrics])
        #expect(manifest.stores.map(\.store) == [.config])
        #expect(!manifest.isComplete)
    }

    @Test("stores an object anew that is there with another size, as one that was cut short")
    func cutShort() async throws {
        try fixture.write("a", [1, 2, 3])
        let first = try await fixture.backUp()
        let file = try #require(first.content(of: .config)?.files.first)
        try AtomicFile.publish(fixture.object(file), [1])
        #expect(try await fixture.backUp(at: fixture.now + 1000).uploaded == 3)
    }
}
