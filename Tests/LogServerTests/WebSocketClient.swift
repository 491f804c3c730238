import Glibc
import Service

/// A WebSocket client over a plain socket, as small as a test needs it. Its calls block.
final class WebSocketClient {
    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// What the server answered to the request to upgrade.
    let head: String

    /// Connects to a port of this machine and asks for an upgrade.
    init(port: Int, target: String, headers: [String] = []) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let lines =
            [
                "GET \(target) HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + headers
        let request = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        _ = Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var received: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while !received.suffix(4).elementsEqual(end) {
            var byte: UInt8 = 0
            guard recv(descriptor, &byte, 1, 0) == 1 else { break }
            received.append(byte)
        }
        head = String(decoding: received, as: UTF8.self)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private func read(_ count: Int) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while buffer.count < count {
            let got = recv(descriptor, &chunk, chunk.count, 0)
            guard got > 0 else { return nil }
            buffer += chunk[..<got]
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// The next frame that is no ping; nil when the connection ends.
    func next() -> Frame? {
        while true {
            guard let start = read(2) else { return nil }
            var length = Int(start[1] & 0x7F)
            if length == 126 {
                guard let wide = read(2) else { return nil }
                length = Int(wide[0]) << 8 | Int(wide[1])
            }
            guard let payload = read(length) else { return nil }
            if start[0] & 0x0F != 9 { return Frame(opcode: start[0] & 0x0F, payload: payload) }
        }
    }

    /// Sends a masked frame.
    func send(_ opcode: UInt8, _ payload: [UInt8]) {
        let bytes = [0x80 | opcode, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
