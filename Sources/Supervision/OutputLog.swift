import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#endif

/// What one server writes to stdout and stderr, kept in a file that is rotated by size.
///
/// The file keeps its name and its predecessor gets `.1`, so that whoever tails it sees an ordinary rotation.
actor OutputLog {
    private let path: String
    private let limit: Int
    private var file: Int32 = -1
    private var size = 0
    private var tail = ""

    /// - Parameter limit: bytes at which the file is rotated.
    init(path: String, limit: Int = 10 << 20) {
        self.path = path
        self.limit = limit
    }

    deinit {
        if file >= 0 { close(file) }
    }

    /// The last line that is not empty, for explaining why a server died.
    var lastLine: String {
        tail.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Copies everything that comes out of a pipe until its other end is closed; owns the descriptor.
    func copy(from descriptor: Int32) async {
        do {
            let channel = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .takingOwnershipOfDescriptor(input: descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, Never>(wrappingChannelSynchronously: channel)
                    }
                }
            try await channel.executeThenClose { inbound in
                for try await buffer in inbound { write(buffer) }
            }
        } catch {
            write(ByteBuffer(string: "martlet up: cannot read the output: \(error)\n"))
        }
    }

    private func write(_ buffer: ByteBuffer) {
        tail = String((tail + String(buffer: buffer)).suffix(4096))
        if file < 0 || size >= limit { reopen() }
        guard file >= 0 else { return }
        buffer.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset < bytes.count, let base = bytes.baseAddress {
                let count = Glibc.write(file, base + offset, bytes.count - offset)
                // A full disk loses lines of the log, never the server.
                guard count > 0 else { break }
                offset += count
            }
            size += offset
        }
    }

    private func reopen() {
        if file >= 0 {
            close(file)
            rename(path, path + ".1")
        }
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        size = file < 0 ? 0 : Int(lseek(file, 0, SEEK_END))
    }
}
