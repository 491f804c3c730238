#if canImport(Glibc)
import Glibc
#endif

/// Unbuffered writes to file descriptor 1.
package enum StandardOutput {
    /// Writes a text; what cannot be written is lost.
    package static func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes bytes; what cannot be written is lost.
    package static func write(_ bytes: UnsafeRawBufferPointer) { _ = send(bytes) }

    /// Writes bytes.
    /// - Returns: 0, or errno where not all of them could be written.
    package static func send(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        var offset = 0
        while offset < bytes.count, let base = bytes.baseAddress {
            let count = Glibc.write(1, base + offset, bytes.count - offset)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            offset += count
        }
        return 0
    }

    /// Whether somebody is looking.
    package static var isTerminal: Bool { isatty(1) == 1 }
}
