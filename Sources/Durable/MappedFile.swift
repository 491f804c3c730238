import CPlatform
import Glibc

/// A file mapped for reading; unmapped when the last reference goes.
///
/// Sendable although it holds a pointer: the memory is never written through it and lives as long as the object.
package final class MappedFile: @unchecked Sendable {
    private let memory: UnsafeRawBufferPointer
    private let path: String
    private let descriptor: Int32
    /// Nil for an empty buffer, and where there was no memory for it.
    private let guarded: OpaquePointer?

    /// Takes ownership of a mapping made by `mmap`, or of an empty buffer, and of the file's descriptor.
    init(_ memory: UnsafeRawBufferPointer, path: String, descriptor: Int32) {
        self.memory = memory
        self.path = path
        self.descriptor = descriptor
        guarded = memory.baseAddress.flatMap { cplatform_guard_map($0, memory.count) }
    }

    deinit {
        if let guarded { cplatform_unguard_map(guarded) }
        if let base = memory.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), memory.count) }
        close(descriptor)
    }

    /// Bytes mapped: the file's size when it was mapped.
    package var count: Int { memory.count }

    /// Gives the bytes to `body`; they must not outlive the call. A page that cannot be had, since the file was cut after
    /// it was mapped or since the disk fails, reads as zeros: who does not find that by a checksum calls `verify` when it
    /// has read, before it believes what it has read.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(memory)
    }

    /// Lets go of the pages that were read: they stay in the page cache, from where they come back when they are read
    /// again, but are no memory of this process any more. For who reads a file once, from its begin to its end.
    package func letGoOfPages() {
        guard let base = memory.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base), memory.count, MADV_DONTNEED)
    }

    /// Pages of this file that could not be had when they were read, and that are zeros since.
    package var lostPages: UInt64 { guarded.map { cplatform_lost_pages($0) } ?? 0 }

    /// Pages of any mapped file of this process that could not be had so far. While this stays the same, no file has lost
    /// one.
    package static var lostPages: UInt64 { cplatform_all_lost_pages() }

    /// Throws `.corrupt` when something that was read up to now may have been no content of the file: it is cut, or the
    /// disk could not give some of it.
    package func verify() throws(DurableError) {
        try verifySize(upTo: count)
        let lost = lostPages
        guard lost == 0 else {
            throw DurableError(
                .corrupt, path: path, operation: "read",
                message: "the disk could not give \(lost) \(lost == 1 ? "page" : "pages") of the file")
        }
    }

    /// Throws `.corrupt` when the file ends before `end` now, which is in what is mapped. Also right after the file was
    /// removed or replaced, since its descriptor is held.
    package func verifySize(upTo end: Int) throws(DurableError) {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw DurableError(errno: errno, path: path, operation: "stat") }
        guard Int(info.st_size) >= end else {
            throw DurableError(
                .corrupt, path: path, operation: "read", offset: Int64(info.st_size),
                message: "the file was cut from \(memory.count) bytes while it was in use")
        }
    }
}
