import Glibc

/// One mebibyte of closed chunks. Bytes are written once, before anyone can know their address, and freed with the
/// last reference: a snapshot that holds the slab reads it without a lock while others are added behind.
///
/// Sendable by that rule: only the head, under its lock, writes, and only behind `used`.
final class ChunkSlab: @unchecked Sendable {
    static let size = 1 << 20
    let base: UnsafeMutableRawPointer
    var used = 0
    var lastTime = Int64.min

    init() {
        base = .allocate(byteCount: Self.size, alignment: 16)
    }

    deinit {
        base.deallocate()
    }
}
