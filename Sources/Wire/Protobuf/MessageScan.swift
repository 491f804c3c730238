package import CMessages

/// Looks at a protobuf body before protobuf-c does, which recurses as deep as the bytes tell it to: a few kilobytes of
/// nested messages would overflow the stack.
package enum MessageScan {
    /// Throws `.tooDeep` when messages of `descriptor`'s schema are nested deeper than `depth` in `bytes`, and what
    /// `ProtoCursor` throws when they are not well formed.
    package static func check(
        _ bytes: UnsafeRawBufferPointer, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, depth: Int = 100
    ) throws(WireError) {
        try check(ProtoCursor(bytes), descriptor, remaining: depth, limit: depth)
    }

    private static func check(
        _ message: ProtoCursor, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, remaining: Int, limit: Int
    ) throws(WireError) {
        guard remaining > 0 else { throw .tooDeep(limit: limit) }
        var cursor = message
        while try cursor.next() {
            guard cursor.wireType == .delimited, let child = subMessage(cursor.field, of: descriptor) else {
                try cursor.skip()
                continue
            }
            try check(try cursor.message(), child, remaining: remaining - 1, limit: limit)
        }
    }

    /// The descriptor of the message in field `number`; nil for other fields and unknown ones.
    private static func subMessage(
        _ number: UInt32, of descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) -> UnsafePointer<ProtobufCMessageDescriptor>? {
        guard let field = protobuf_c_message_descriptor_get_field(descriptor, number),
            field.pointee.type == PROTOBUF_C_TYPE_MESSAGE, let child = field.pointee.descriptor
        else { return nil }
        return child.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
    }
}
