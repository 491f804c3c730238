import Backup
import Durable
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("What is found to be backed up")
struct FoundFileTests {
    @Test("links count as the files where somebody has put them there, and are left alone in what a server has made")
    func links() throws {
        let fixture = try Fixture()
        try fixture.write("a", [1])
        try fixture.disk.makeDirectories(FilePath.join(fixture.source, "b"))
        try AtomicFile.publish(fixture.root.file("secret"), [2, 3])
        for (target, name) in [("secret", "file"), (".", "directory"), ("nowhere", "dangling")] {
            try #require(symlink(fixture.root.file(target), FilePath.join(fixture.source, name)) == 0)
        }
        let all = try FoundFile.all(in: fixture.source, followsLinks: true)
        #expect(all.files.map(\.path) == ["a", "file"])
        #expect(all.directories.map(\.path) == ["b"])
        #expect(try FoundFile.all(in: fixture.source, followsLinks: false).files.map(\.path) == ["a"])
    }
}
