/// Takes a client's bytes apart into frames. Once a frame breaks the protocol nothing more is read.
package struct WebSocketFrameReader {
    /// Why the connection must be closed.
    package enum Violation: Error, Equatable {
        /// 1002
        case protocolError(String)
        /// 1009
        case tooLarge
    }

    private let limit: Int
    private var bytes: [UInt8] = []

    /// Frames with more than `limit` bytes of payload are refused.
    package init(limit: Int) { self.limit = limit }

    /// Adds what came from the client.
    package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next frame that is complete; nil when more bytes are needed.
    package mutating func next() throws(Violation) -> WebSocketFrame? {
        guard bytes.count >= 2 else { return nil }
        guard bytes[0] & 0x70 == 0 else { throw .protocolError("reserved bits are set") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: bytes[0] & 0x0F) else {
            throw .protocolError("unknown opcode \(bytes[0] & 0x0F)")
        }
        let isFinal = bytes[0] & 0x80 != 0
        guard bytes[1] & 0x80 != 0 else { throw .protocolError("a client's frames must be masked") }
        var length = Int(bytes[1] & 0x7F)
        if opcode.isControl, !isFinal || length > 125 { throw .protocolError("a control frame is too long or cut up") }
        var header = 2
        if length >= 126 {
            let width = length == 126 ? 2 : 8
            guard bytes.count >= 2 + width else { return nil }
            let wide = bytes[2..<2 + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard wide <= UInt64(limit) else { throw .tooLarge }
            length = Int(wide)
            header += width
        }
        guard length <= limit else { throw .tooLarge }
        guard bytes.count >= header + 4 + length else { return nil }
        let mask = bytes[header..<header + 4]
        let payload = bytes[(header + 4)..<(header + 4 + length)].enumerated().map {
            $0.element ^ mask[header + $0.offset % 4]
        }
        bytes.removeFirst(header + 4 + length)
        return WebSocketFrame(opcode, payload, isFinal: isFinal)
    }
}
