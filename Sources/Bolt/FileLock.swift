import Glibc

/// `flock` on the database file, as bolt takes it: exclusive for a writer, shared for a read-only open. The kernel drops
/// it when the process dies.
final class FileLock: Sendable {
    private let descriptor: Int32

    init(_ path: String, isShared: Bool, timeout: Double) throws(BoltError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw BoltError(.io, "open: \(String(cString: strerror(errno)).lowercased())", path: path)
        }
        // The retry period is bolt's own.
        let retryMicroseconds: UInt32 = 50_000
        var waited = 0.0
        while flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            guard code == EWOULDBLOCK, waited < timeout else {
                close(descriptor)
                throw code == EWOULDBLOCK
                    ? BoltError(.locked, "the file is locked by another process or another open", path: path)
                    : BoltError(.io, "flock: \(String(cString: strerror(code)).lowercased())", path: path)
            }
            usleep(retryMicroseconds)
            waited += Double(retryMicroseconds) / 1_000_000
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
