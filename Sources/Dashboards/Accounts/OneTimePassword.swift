import Durable
import MartletCore

#if canImport(Glibc)
import Glibc
#endif

/// The generated first password and the file it waits in.
enum OneTimePassword {
    /// Name of the file in the storage directory; mode 0600, removed when the password is changed.
    static let fileName = "initial-admin-password"

    /// 20 letters and digits that are not mistaken for each other, about 114 bits.
    static func generate() -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        return (0..<4).map { _ in RandomText.letters(5, of: alphabet) }.joined(separator: "-")
    }

    static func path(in directory: String) -> String {
        directory + "/" + fileName
    }

    /// Writes the file so that nobody but its owner ever could read it.
    static func write(_ password: String, in directory: String) throws {
        let path = path(in: directory)
        let temporary = path + AtomicFile.temporarySuffix
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open", temporary) }
        defer { close(file) }
        let bytes = Array((password + "\n").utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw failure("write", temporary) }
        guard fsync(file) == 0 else { throw failure("fsync", temporary) }
        guard rename(temporary, path) == 0 else { throw failure("rename", temporary) }
    }

    /// Removes the file; fine when there is none.
    static func remove(in directory: String) {
        unlink(path(in: directory))
    }

    private static func failure(_ operation: String, _ path: String) -> StorageFailure {
        StorageFailure(message: "cannot \(operation) \(path): \(String(cString: strerror(errno)))")
    }
}
