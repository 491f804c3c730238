import Durable
import Glibc
import Testing

@Suite("DirectoryLock keeps a directory for one holder")
struct DirectoryLockTests {
    @Test("a second holder is refused with the directory and the first holder's process id")
    func refuses() throws {
        let directory = try TemporaryDirectory()
        let first = try DirectoryLock(directory.path)
        let failure = #expect(throws: DurableError.self) { try DirectoryLock(directory.path) }
        #expect(failure?.code == .locked)
        #expect(failure?.description.contains(directory.path) == true)
        #expect(failure?.description.contains("process \(getpid())") == true)
        withExtendedLifetime(first) {}
    }

    @Test("a left-over lock file is no obstacle, and a released lock can be taken again")
    func releases() throws {
        let directory = try TemporaryDirectory()
        try DiskFileSystem().open(directory.file("lock"), .create).write(Array("99999\n".utf8), at: 0)
        _ = try DirectoryLock(directory.path)
        _ = try DirectoryLock(directory.path)
    }

    @Test("one that is given back can be taken at once, and giving it back again takes nothing from the next holder")
    func givesBack() throws {
        let directory = try TemporaryDirectory()
        let first = try DirectoryLock(directory.path)
        try first.check("write to")
        first.release()
        #expect(!first.isHeld)
        let failure = #expect(throws: DurableError.self) { try first.check("write to") }
        #expect(failure?.description == "write to \(directory.path): the directory was closed")
        let second = try DirectoryLock(directory.path)
        first.release()
        #expect(second.isHeld)
        #expect(throws: DurableError.self) { try DirectoryLock(directory.path) }
        withExtendedLifetime(first) {}
    }

    @Test("a released lock can be taken again while a child that is being started has a copy of its descriptor")
    func copies() throws {
        let directory = try TemporaryDirectory()
        var copy: Int32 = -1
        do {
            let lock = try DirectoryLock(directory.path)
            let path = directory.file("lock")
            copy = dup(try #require((0..<4096).first { Self.target($0) == path }))
            withExtendedLifetime(lock) {}
        }
        #expect(Self.target(copy) == directory.file("lock"))
        _ = try DirectoryLock(directory.path)
        close(copy)
    }

    /// The file of a descriptor of this process.
    private static func target(_ descriptor: Int32) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    @Test("a missing directory is named")
    func missing() throws {
        let failure = #expect(throws: DurableError.self) { try DirectoryLock("/nonexistent/martlet") }
        #expect(failure?.code == .notFound)
    }
}
