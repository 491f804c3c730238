/// A run of bytes in a buffer that the owner of the range knows: 8 bytes, no reference count.
package struct ByteRange: Sendable, Hashable {
    /// Bytes from the start of the buffer.
    package var offset: UInt32
    /// Length in bytes.
    package var count: UInt32

    /// The empty range at the buffer's start.
    package init() {
        offset = 0
        count = 0
    }

    /// `count` bytes from `offset`; both must lie in a buffer of less than 4 GiB, which every decoder checks first.
    @inlinable
    package init(offset: Int, count: Int) {
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.count = UInt32(truncatingIfNeeded: count)
    }

    /// Whether there are no bytes.
    @inlinable
    package var isEmpty: Bool { count == 0 }

    /// The half-open interval of indices.
    @inlinable
    package var bounds: Range<Int> { Int(offset)..<(Int(offset) + Int(count)) }

    /// These bytes of `buffer`, which must be the buffer the range was made for.
    @inlinable
    package func bytes(in buffer: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[bounds])
    }

    /// These bytes of `buffer` as text, invalid UTF-8 repaired; for messages and API edges.
    package func text(in buffer: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes(in: buffer), as: UTF8.self)
    }
}
