import Glibc
import MartletCore

/// The canonical label bytes of all series, one after the other. Grows by `realloc`, which for large blocks moves
/// pages instead of copying them.
struct LabelSlab: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    /// Bytes in use.
    private(set) var count = 0

    var memory: Int { capacity }

    deinit { free(base) }

    /// Adds bytes and returns where they lie.
    mutating func add(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let offset = count
        if count + bytes.count > capacity {
            capacity = max(64 << 10, capacity + capacity / 2, count + bytes.count)
            base = realloc(base, capacity)
        }
        if let base, let source = bytes.baseAddress { memcpy(base + offset, source, bytes.count) }
        count += bytes.count
        return UInt64(offset)
    }

    /// Bytes added before; valid until the next `add`.
    func bytes(_ offset: UInt64, _ count: UInt32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base.map { $0 + Int(offset) }, count: base == nil ? 0 : Int(count))
    }
}
