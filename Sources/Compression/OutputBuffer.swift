import Glibc

/// Memory for output of unknown size: it grows by doubling and is never cleared before it is written.
struct OutputBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    deinit { free(base) }

    /// Makes sure that `room` bytes fit behind what is there, and gives them to `body`, which says how many it wrote.
    mutating func write<R>(
        room: Int, reserving: MemoryReservation = { _ in true },
        _ body: (UnsafeMutablePointer<UInt8>) -> (written: Int, result: R)
    ) throws(CompressionError) -> R {
        if base == nil || capacity - count < room {
            let wanted = max(count + room, capacity * 2)
            guard reserving(wanted - capacity) else { throw .noMemory }
            guard let grown = realloc(base, wanted) else { throw .failed("out of memory") }
            base = grown
            capacity = wanted
        }
        guard let base else { throw .failed("out of memory") }
        let (written, result) = body((base + count).assumingMemoryBound(to: UInt8.self))
        count += written
        return result
    }

    /// A copy of what was written.
    var bytes: [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: base, count: count))
    }

    /// A copy of what was written, if there is memory for it.
    func bytes(reserving: MemoryReservation) throws(CompressionError) -> [UInt8] {
        guard reserving(count) else { throw .noMemory }
        return bytes
    }
}
