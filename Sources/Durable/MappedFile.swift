import Glibc

/// A file mapped for reading; unmapped when the last reference goes.
///
/// Sendable although it holds a pointer: the memory is never written through it and lives as long as the object.
package final class MappedFile: @unchecked Sendable {
    private let memory: UnsafeRawBufferPointer
    private let path: String
    private let descriptor: Int32

    /// Takes ownership of a mapping made by `mmap`, or of an empty buffer, and of the file's descriptor.
    init(_ memory: UnsafeRawBufferPointer, path: String, descriptor: Int32) {
        self.memory = memory
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        if let base = memory.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), memory.count) }
        close(descriptor)
    }

    /// Bytes mapped: the file's size when it was mapped.
    package var count: Int { memory.count }

    /// Gives the bytes to `body`; they must not outlive the call. Reading beyond the end of a file that was cut
    /// after it was mapped kills the process (SIGBUS): cut a mapped file never, and where others might, call
    /// `verifySize` first.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(memory)
    }

    /// Lets go of the pages that were read: they stay in the page cache, from where they come back when they are read
    /// again, but are no memory of this process any more. For who reads a file once, from its begin to its end.
    package func letGoOfPages() {
        guard let base = memory.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base), memory.count, MADV_DONTNEED)
    }

    /// Throws `.corrupt` when the file is shorter now than what is mapped. Also right after the file was removed or
    /// replaced, since its descriptor is held.
    package func verifySize() throws(DurableError) {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw DurableError(errno: errno, path: path, operation: "stat") }
        guard Int(info.st_size) >= memory.count else {
            throw DurableError(
                .corrupt, path: path, operation: "read", offset: Int64(info.st_size),
                message: "the file was cut from \(memory.count) bytes while it was in use")
        }
    }
}
