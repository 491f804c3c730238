/// The bytes of a file of procfs or sysfs, seen as lines of blank-separated fields.
package struct HostText: Sendable {
    /// Where it was read, for error texts.
    package let path: String
    /// Its bytes.
    package let bytes: [UInt8]

    /// Wraps bytes that were read from `path`.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// All lines; the last one counts also without a line feed.
    package var lines: [HostLine] {
        var lines: [HostLine] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            lines.append(HostLine(path: path, number: lines.count + 1, text: bytes[start..<end]))
            start = end + 1
        }
        return lines
    }
}
