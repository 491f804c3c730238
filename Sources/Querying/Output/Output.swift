import Service

#if canImport(Glibc)
import Glibc
#endif

/// Standard output in pieces of 64 KiB. A reader that has seen enough (`| head`) ends the process, as it does with other tools.
final class Output {
    private static let pieceBytes = 64 << 10

    private var bytes: [UInt8] = []

    /// Adds a line.
    func line(_ text: String) throws {
        bytes.append(contentsOf: text.utf8)
        try endLine()
    }

    /// Adds a line.
    func line(_ text: [UInt8]) throws {
        bytes.append(contentsOf: text)
        try endLine()
    }

    private func endLine() throws {
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= Self.pieceBytes { try flush() }
    }

    /// Writes all there is.
    func flush() throws {
        let problem = bytes.withUnsafeBytes { StandardOutput.send($0) }
        bytes.removeAll(keepingCapacity: true)
        if problem == EPIPE {
            // Sockets have made the process ignore it.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
        guard problem == 0 else {
            throw ToolError("unable to write to standard output: \(String(cString: strerror(problem)))")
        }
    }
}
