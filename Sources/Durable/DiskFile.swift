import Glibc

/// A file descriptor; closed when the last reference goes.
final class DiskFile: File {
    let path: String
    private let descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func size() throws(DurableError) -> Int64 {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw failure("stat") }
        return Int64(info.st_size)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DurableError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, base + done, bytes.count - done, off_t(offset) + done)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write", offset + Int64(done))
            }
            done += count
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, base + done, buffer.count - done, off_t(offset) + done)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", offset + Int64(done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func truncate(to size: Int64) throws(DurableError) {
        while ftruncate(descriptor, off_t(size)) != 0 {
            if errno != EINTR { throw failure("truncate", size) }
        }
    }

    func sync() throws(DurableError) {
        guard fsync(descriptor) == 0 else { throw failure("fsync") }
    }

    func syncData() throws(DurableError) {
        guard fdatasync(descriptor) == 0 else { throw failure("fdatasync") }
    }

    private func failure(_ operation: String, _ offset: Int64? = nil) -> DurableError {
        DurableError(errno: errno, path: path, operation: operation, offset: offset)
    }
}
