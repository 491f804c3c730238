import NIOCore
import Service
import Testing

@Suite("WebSocket frames")
struct WebSocketFrameTests {
    /// A client's frame: masked.
    private func masked(_ first: UInt8, _ payload: [UInt8], mask: [UInt8] = [1, 2, 3, 4]) -> [UInt8] {
        var bytes = [first]
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(payload.count))
        } else {
            bytes += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }

    @Test("are read whole, however the bytes arrive")
    func reading() throws {
        let long = [UInt8](repeating: 7, count: 300)
        let bytes = masked(0x81, Array("hi".utf8)) + masked(0x89, []) + masked(0x82, long) + masked(0x88, [3, 232])
        for cut in [1, 2, 7, 1000] {
            var reader = WebSocketFrameReader(limit: 1000)
            var frames: [WebSocketFrame] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                reader.append(rest.prefix(cut))
                rest = rest.dropFirst(cut)
                while let frame = try reader.next() { frames.append(frame) }
            }
            #expect(
                frames == [
                    WebSocketFrame(.text, Array("hi".utf8)), WebSocketFrame(.ping, []), WebSocketFrame(.binary, long),
                    WebSocketFrame(.close, [3, 232]),
                ])
        }
    }

    @Test(
        "that break the protocol end the connection",
        arguments: [
            ([0x81, 0x02, 0x68, 0x69], .protocolError("a client's frames must be masked")),
            ([0xC1, 0x80, 0, 0, 0, 0], .protocolError("reserved bits are set")),
            ([0x83, 0x80, 0, 0, 0, 0], .protocolError("unknown opcode 3")),
            ([0x09, 0x80, 0, 0, 0, 0], .protocolError("a control frame is too long or cut up")),
            ([0x89, 0xFE, 0, 200], .protocolError("a control frame is too long or cut up")),
            ([0x82, 0xFE, 0xFF, 0xFF], .tooLarge), ([0x82, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0], .tooLarge),
        ] as [([UInt8], WebSocketFrameReader.Violation)])
    func violations(bytes: [UInt8], expected: WebSocketFrameReader.Violation) {
        var reader = WebSocketFrameReader(limit: 1000)
        reader.append(bytes)
        #expect(throws: expected) { try reader.next() }
    }

    @Test("never crash the reader", arguments: [1, 2, 3] as [UInt64])
    func hostile(seed: UInt64) {
        var state = seed
        for _ in 0..<2000 {
            var reader = WebSocketFrameReader(limit: 200)
            let bytes = (0..<Int(state % 40)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            state &+= 1
            reader.append(bytes)
            while let frame = try? reader.next() { #expect(frame.payload.count <= 200) }
        }
    }

    @Test("are written with the shortest length", arguments: [(5, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)])
    func writing(count: Int, header: Int) {
        let bytes = WebSocketFrame(.text, [UInt8](repeating: 97, count: count)).bytes
        #expect(bytes.readableBytes == count + header)
        #expect(bytes.getInteger(at: 0, as: UInt8.self) == 0x81)
    }

    @Test("say why a connection closes, in whole characters")
    func closing() {
        #expect(WebSocketFrame.close(1011, "no").payload == [3, 243] + Array("no".utf8))
        let long = WebSocketFrame.close(1000, String(repeating: "ä", count: 100))
        #expect(long.payload.count == 2 + 122)
    }

    @Test("follow the answer that the protocol asks for")
    func accept() {
        #expect(WebSocket.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
