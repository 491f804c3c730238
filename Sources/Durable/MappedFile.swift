import Glibc

/// A file mapped for reading; unmapped when the last reference goes.
///
/// Sendable although it holds a pointer: the memory is never written through it and lives as long as the object.
package final class MappedFile: @unchecked Sendable {
    private let memory: UnsafeRawBufferPointer

    /// Takes ownership of a mapping made by `mmap`, or of an empty buffer.
    init(_ memory: UnsafeRawBufferPointer) {
        self.memory = memory
    }

    deinit {
        if let base = memory.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), memory.count) }
    }

    /// Bytes mapped: the file's size when it was mapped.
    package var count: Int { memory.count }

    /// Gives the bytes to `body`; they must not outlive the call. Reading beyond the end of a file that was cut
    /// after it was mapped kills the process (SIGBUS): cut a mapped file never.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(memory)
    }
}
