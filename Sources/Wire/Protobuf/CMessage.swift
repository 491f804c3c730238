package import CMessages

/// Unpacks messages with protobuf-c, for the cold paths and as the oracle of the hand-written decoders.
package enum CMessage {
    /// Unpacks `bytes` as a message of `descriptor`, whose C struct is `Message`, and calls `body` with it. The message and
    /// all it points to live in an arena of at most `memory` bytes that goes when `body` returns.
    package static func withUnpacked<Message, R>(
        _ bytes: UnsafeRawBufferPointer, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
        as type: Message.Type, memory: Int = 64 << 20, depth: Int = 100, _ body: (Message) throws(WireError) -> R
    ) throws(WireError) -> R {
        precondition(descriptor.pointee.sizeof_message == MemoryLayout<Message>.size)
        try MessageScan.check(bytes, descriptor, depth: depth)
        let arena = MessageArena(limit: memory)
        let message = arena.withAllocator {
            protobuf_c_message_unpack(
                descriptor, $0, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        guard let message else {
            if arena.used + bytes.count >= memory { throw .tooLarge(limit: memory, what: "unpacked message in bytes") }
            throw .malformed(offset: 0, what: "\(String(cString: descriptor.pointee.short_name)) message")
        }
        let result = try body(UnsafeRawPointer(message).load(as: Message.self))
        // The arena must not go before `body` is done with the message's pointers.
        withExtendedLifetime(arena) {}
        return result
    }
}

extension ProtobufCBinaryData {
    /// The field's bytes; the pointer lives as long as the arena.
    package var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : len) }
}
