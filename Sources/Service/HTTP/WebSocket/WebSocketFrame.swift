package import NIOCore

/// One frame of the WebSocket protocol (RFC 6455, 5.2), as a server reads and writes it.
package struct WebSocketFrame: Sendable, Equatable {
    /// What the payload is.
    package enum Opcode: UInt8, Sendable {
        case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10

        /// Whether the frame says something about the connection rather than to the application.
        var isControl: Bool { rawValue >= 8 }
    }

    /// Whether the message ends with this frame.
    package var isFinal: Bool
    package var opcode: Opcode
    package var payload: [UInt8]

    /// A whole message or control frame.
    package init(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
    }

    /// A close frame; the reason is cut to what fits into one.
    package static func close(_ code: UInt16, _ reason: String) -> WebSocketFrame {
        var text = Array(reason.utf8.prefix(123))
        // Never in the middle of a character.
        while !text.isEmpty, String(validating: text, as: UTF8.self) == nil { text.removeLast() }
        return WebSocketFrame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + text)
    }

    /// The frame as a server sends it, unmasked.
    package var bytes: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(payload.count + 10)
        buffer.writeInteger((isFinal ? 0x80 : 0) | opcode.rawValue)
        switch payload.count {
        case ..<126: buffer.writeInteger(UInt8(payload.count))
        case ..<65536:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(payload.count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(payload.count))
        }
        buffer.writeBytes(payload)
        return buffer
    }
}
