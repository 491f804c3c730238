import Glibc
import Synchronization

/// Holds a data directory for this process: `flock` on the file `lock` in it, as Prometheus does. The kernel drops
/// the lock when the process dies, so a left-over file is harmless. Whoever holds it gives it back with `release` when the
/// last change has been made; at the latest it goes with the last reference.
package final class DirectoryLock: Sendable {
    /// The name of the lock file.
    package static let fileName = "lock"
    private let directory: String
    /// Below zero once it was given back.
    private let descriptor: Atomic<Int32>

    /// Takes the lock or fails at once with `.locked`; the message names the directory and the holder's process id.
    package init(_ directory: String) throws(DurableError) {
        self.directory = directory
        let path = FilePath.join(directory, Self.fileName)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw DurableError(errno: errno, path: path, operation: "open") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw DurableError(errno: code, path: path, operation: "lock") }
            throw DurableError(
                .locked, path: directory, operation: "lock",
                message: "the directory is in use by \(holder); stop it or choose another directory")
        }
        let text = Array("\(getpid())\n".utf8)
        // The number only serves the error text of others: failing to write it must not cost the lock.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
        self.descriptor = Atomic(descriptor)
    }

    deinit { release() }

    /// Whether nobody else can have the directory.
    package var isHeld: Bool { descriptor.load(ordering: .acquiring) >= 0 }

    /// Fails with `.closed` once the lock was given back: what `operation` would change may be somebody else's by now.
    package func check(_ operation: String) throws(DurableError) {
        guard isHeld else {
            throw DurableError(.closed, path: directory, operation: operation, message: "the directory was closed")
        }
    }

    /// Gives the lock back, so that the next may take the directory at once; nothing may change in it from here any more.
    /// Again it does nothing.
    package func release() {
        let descriptor = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        guard descriptor >= 0 else { return }
        // A child that is just being started has a copy of the descriptor until it runs its program, which would keep
        // the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(count, 0)).prefix { (48...57).contains($0) }
        return digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
    }
}
