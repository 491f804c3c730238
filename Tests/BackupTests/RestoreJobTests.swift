import Backup
import Durable
import Service
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Restoring")
struct RestoreJobTests {
    private let fixture: Fixture
    private let target: String

    init() throws {
        fixture = try Fixture()
        target = fixture.root.file("restored/config")
    }

    private func restore(_ manifest: BackupManifest, replace: Bool = false) async throws {
        try await RestoreJob(
            repository: fixture.repository, manifest: manifest,
            targets: [RestoreTarget(store: .config, path: target, replaces: replace)], blocking: fixture.blocking
        ).run(nowMs: fixture.now)
    }

    private func failure(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("gives back every file with its content and the time of its last change")
    func roundTrip() async throws {
        try fixture.write("a", [1, 2, 3])
        try fixture.write("deep/er/b", [UInt8](repeating: 7, count: 9_000_000))
        try fixture.write("empty", [])
        let manifest = try await fixture.backUp()
        try await restore(manifest)
        #expect(try fixture.tree(target) == fixture.tree(fixture.source))
        for name in ["a", "empty"] {
            let times = try [target, fixture.source].map {
                try fixture.disk.status(FilePath.join($0, name)).modifiedNanoseconds
            }
            #expect(times[0] == times[1])
        }
        #expect(try fixture.disk.list(fixture.root.file("restored")) == ["config"])
    }

    @Test("refuses a directory that holds something, and moves it aside when it is told to")
    func notEmpty() async throws {
        try fixture.write("a", [1])
        let manifest = try await fixture.backUp()
        try fixture.disk.makeDirectories(target)
        try AtomicFile.publish(FilePath.join(target, "mine"), [9])
        #expect(await failure { try await restore(manifest) }.contains("is not empty: with --replace"))
        #expect(try fixture.tree(target) == ["mine": [9]])
        try await restore(manifest, replace: true)
        #expect(try fixture.tree(target) == ["a": [1]])
        #expect(try fixture.tree(target + ".before-20260101T120000Z") == ["mine": [9]])
    }

    @Test("refuses the directory of a server that runs, also with leave to replace it")
    func live() async throws {
        try fixture.write("a", [1])
        let manifest = try await fixture.backUp()
        try fixture.disk.makeDirectories(target)
        let lock = try DirectoryLock(target)
        #expect(await failure { try await restore(manifest, replace: true) }.contains("is in use by process"))
        withExtendedLifetime(lock) {}
        #expect(try fixture.disk.list(target) == ["lock"])
    }

    @Test("refuses the directory of a server that has come up since it began")
    func lateServer() async throws {
        try fixture.write("a", [1])
        let manifest = try await fixture.backUp()
        let late = RestoreTarget(store: .config, path: target)
        let lock = try late.begin()
        #expect(await failure { try await restore(manifest) }.contains("another restore writes to"))
        withExtendedLifetime(lock) {}
        late.abandon()
        let (disk, path) = (fixture.disk, target)
        let store = WatchedStore(fixture.repository.store) { try? disk.makeDirectories(path + "/wal") }
        let error = await failure {
            try await RestoreJob(
                repository: Repository(store: store), manifest: manifest,
                targets: [RestoreTarget(store: .config, path: path)], blocking: fixture.blocking
            ).run(nowMs: fixture.now)
        }
        #expect(error.contains("is not empty"))
        #expect(try disk.list(path) == ["wal"])
        #expect(try disk.list(fixture.root.file("restored")) == ["config"])
    }

    @Test("puts back what it has moved aside when a later store cannot be put into place")
    func undone() async throws {
        try fixture.write("a", [1])
        let manifest = try await fixture.backUp()
        try fixture.disk.makeDirectories(target)
        try AtomicFile.publish(FilePath.join(target, "mine"), [9])
        let restored = RestoreTarget(store: .config, path: target, replaces: true)
        let lock = try restored.begin()
        let aside = try restored.publish(nowMs: fixture.now)
        #expect(try fixture.tree(target) == [:])
        try restored.withdraw(aside, after: StartupError("the disk is full"))
        restored.abandon()
        withExtendedLifetime(lock) {}
        #expect(try fixture.tree(target) == ["mine": [9]])
        #expect(try fixture.disk.list(fixture.root.file("restored")) == ["config"])
        try await restore(manifest, replace: true)
        #expect(try fixture.tree(target) == ["a": [1]])
    }

    @Test("says where the old data is when it cannot be put back")
    func stranded() async throws {
        try fixture.disk.makeDirectories(target)
        try AtomicFile.publish(FilePath.join(target, "mine"), [9])
        let restored = RestoreTarget(store: .config, path: target, replaces: true)
        let cause = StartupError("the disk is full")
        let (before, elsewhere) = (target + ".before-20260101T120000Z", fixture.root.file("elsewhere"))
        for isGone in [true, false] {
            let lock = try restored.begin()
            let aside = try restored.publish(nowMs: fixture.now)
            try fixture.disk.rename(isGone ? target : before, to: elsewhere)
            let error = await failure { try restored.withdraw(aside, after: cause) }
            #expect(error.hasPrefix("the disk is full; and "))
            #expect(
                error.contains(isGone ? "what was there is in \(before)" : "`mv \(before) \(target)` brings it back"))
            restored.abandon()
            if isGone {
                try fixture.disk.removeTree(elsewhere)
                try fixture.disk.rename(before, to: target)
            }
            withExtendedLifetime(lock) {}
        }
    }

    @Test("goes where a link leads, gives directories their permissions, and times before 1970")
    func details() async throws {
        try fixture.write("secret/key", [1])
        try fixture.disk.makeDirectories(FilePath.join(fixture.source, "empty"))
        try #require(chmod(FilePath.join(fixture.source, "secret"), 0o700) == 0)
        try #require(chmod(FilePath.join(fixture.source, "empty"), 0o755) == 0)
        let time = timespec(tv_sec: -2, tv_nsec: 500)
        try #require(utimensat(AT_FDCWD, FilePath.join(fixture.source, "secret/key"), [time, time], 0) == 0)
        let manifest = try await fixture.backUp()
        try fixture.disk.makeDirectories(fixture.root.file("restored"))
        try fixture.disk.makeDirectories(fixture.root.file("disk/real"))
        try #require(symlink(fixture.root.file("disk/real"), target) == 0)
        try await restore(manifest)
        let real = fixture.root.file("disk/real")
        #expect(try fixture.tree(real) == ["secret/key": [1]])
        #expect(try fixture.disk.list(fixture.root.file("disk")) == ["real"])
        var info = stat()
        #expect(stat(real + "/secret", &info) == 0 && info.st_mode & 0o777 == 0o700)
        #expect(stat(real + "/empty", &info) == 0 && info.st_mode & 0o777 == 0o755)
        #expect(try fixture.disk.status(real + "/secret/key").modifiedNanoseconds == -1_999_999_500)
    }

    @Test("refuses an object that is damaged, names it, and leaves nothing behind")
    func damaged() async throws {
        try fixture.write("a", [1, 2, 3])
        try fixture.write("b", [4, 5, 6])
        let manifest = try await fixture.backUp()
        let file = try #require(manifest.content(of: .config)?.files.last)
        try AtomicFile.publish(fixture.object(file), [4, 5, 7])
        let error = await failure { try await restore(manifest) }
        #expect(error.contains(Repository.key(of: file.digest)))
        #expect(error.contains("config/b"))
        #expect(try fixture.disk.list(fixture.root.file("restored")) == [])
        let problems = try await Verification(repository: fixture.repository) { _ in }.run([manifest.id]).problems
        #expect(problems == 1)
        try fixture.disk.unlink(fixture.object(file))
        #expect(await failure { try await restore(manifest) }.contains("it is not there"))
    }
}
