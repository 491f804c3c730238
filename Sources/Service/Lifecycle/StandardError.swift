#if canImport(Glibc)
import Glibc
#endif

/// Unbuffered writes to file descriptor 2: one write(2) per line, so that lines of several threads never mix.
package enum StandardError {
    /// Writes a text; what cannot be written is lost.
    package static func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    static func write(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < bytes.count {
            guard let base = bytes.baseAddress else { return }
            let count = Glibc.write(2, base + offset, bytes.count - offset)
            // A closed or full stderr must not stop the server: the line is lost.
            if count <= 0 {
                if count < 0 && errno == EINTR { continue }
                return
            }
            offset += count
        }
    }

    /// Whether somebody is looking.
    package static var isTerminal: Bool { isatty(2) == 1 }
}
