package import CMessages
import Glibc

/// Memory for messages that protobuf-c unpacks: blocks are handed out one after the other, none is returned singly, and all
/// go with the arena. Asking for more than `limit` bytes in all fails, which makes unpacking fail.
///
/// Not `Sendable`: one arena serves one message at a time.
package final class MessageArena {
    /// Bytes that messages may take in all.
    package let limit: Int
    /// Bytes handed out so far.
    package private(set) var used = 0
    private var blocks: [UnsafeMutableRawPointer] = []
    private var free: UnsafeMutableRawPointer?
    private var freeBytes = 0
    private static let blockSize = 16 << 10

    /// An empty arena.
    package init(limit: Int) {
        self.limit = limit
    }

    deinit {
        for block in blocks { Glibc.free(block) }
    }

    /// Calls `body` with an allocator over this arena; it is valid during the call only.
    package func withAllocator<R>(_ body: (UnsafeMutablePointer<ProtobufCAllocator>) throws -> R) rethrows -> R {
        // A free function, not a closure literal, so that no actor's isolation sticks to the callback. The arena outlives
        // the call because `self` does.
        var allocator = ProtobufCAllocator(
            alloc: arenaAllocate, free: arenaFree, allocator_data: Unmanaged.passUnretained(self).toOpaque())
        return try withUnsafeMutablePointer(to: &allocator) { try body($0) }
    }

    /// `size` bytes aligned for any type, or nil when the limit or the machine's memory is reached.
    func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0, size <= limit - used else { return nil }
        let rounded = (max(size, 1) + 15) & ~15
        used += rounded
        if rounded <= freeBytes, let start = free {
            free = start + rounded
            freeBytes -= rounded
            return start
        }
        let blockBytes = max(rounded, Self.blockSize)
        guard let block = malloc(blockBytes) else { return nil }
        blocks.append(block)
        // The larger rest is worth keeping: a big message must not strand a fresh block.
        if blockBytes - rounded > freeBytes {
            free = block + rounded
            freeBytes = blockBytes - rounded
        }
        return block
    }
}

private func arenaAllocate(_ data: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer? {
    guard let data else { return nil }
    return Unmanaged<MessageArena>.fromOpaque(data).takeUnretainedValue().allocate(size)
}

private func arenaFree(_ data: UnsafeMutableRawPointer?, _ pointer: UnsafeMutableRawPointer?) {}
