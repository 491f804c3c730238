import Glibc

/// Unbuffered stdout.
enum StandardOutput {
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count, let base = bytes.baseAddress {
                let count = Glibc.write(1, base + offset, bytes.count - offset)
                guard count > 0 else { return }
                offset += count
            }
        }
    }

    static var isTerminal: Bool { isatty(1) == 1 }
}
