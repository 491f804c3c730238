import Durable
import Glibc

extension TemporaryDirectory {
    /// Writes a file, making the directories it needs.
    func write(_ relative: String, _ text: String) throws { try write(relative, Array(text.utf8)) }

    func write(_ relative: String, _ bytes: [UInt8]) throws {
        try put(relative, bytes, flags: O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Appends to a file.
    func append(_ relative: String, _ text: String) throws {
        try put(relative, Array(text.utf8), flags: O_WRONLY | O_CREAT | O_APPEND)
    }

    func rename(_ old: String, _ new: String) throws { try DiskFileSystem().rename(file(old), to: file(new)) }

    func delete(_ relative: String) { unlink(file(relative)) }

    private func put(_ relative: String, _ bytes: [UInt8], flags: Int32) throws {
        let path = file(relative)
        try DiskFileSystem().makeDirectories(FilePath.parent(of: path))
        let descriptor = open(path, flags, 0o644)
        guard descriptor >= 0 else { throw DurableError(errno: errno, path: path, operation: "open") }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw DurableError(errno: errno, path: path, operation: "write")
        }
    }
}
