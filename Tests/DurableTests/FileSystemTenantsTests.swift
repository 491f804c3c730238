import Durable
import Logging
import Testing

@Suite("Tenants of a directory")
struct FileSystemTenantsTests {
    private let files = DiskFileSystem()
    private let directory: TemporaryDirectory
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws { directory = try TemporaryDirectory("tenants") }

    @Test("are the directories whose names tenants can have")
    func names() throws {
        for name in ["a", "b!-_.*'()", "lost+found", "c d"] { try files.makeDirectories(directory.file(name)) }
        try AtomicFile.publish(directory.file("file"), [])
        #expect(try files.tenants(in: directory.path, logger: logger).sorted() == ["a", "b!-_.*'()"])
    }

    @Test("are none where there is no directory")
    func missing() throws {
        #expect(try files.tenants(in: directory.file("none"), logger: logger).isEmpty)
    }
}
