import Glibc

/// Reads the kernel's small text files, each in one piece and never more than a limit.
package struct HostFiles: Sendable {
    /// Where they lie.
    package let paths: HostPaths
    /// More than this of one file is not read: `/proc/net/udp` of a busy host is the largest.
    package let limit: Int

    /// Files below `paths`.
    package init(paths: HostPaths, limit: Int = 8 << 20) {
        self.paths = paths
        self.limit = limit
    }

    /// The text of a file of procfs.
    package func proc(_ relative: String) throws(HostError) -> HostText {
        try read(paths.proc(relative))
    }

    /// The text of a file of sysfs.
    package func sys(_ relative: String) throws(HostError) -> HostText {
        try read(paths.sys(relative))
    }

    /// One line of sysfs without its line feed; nil when it is missing or unreadable (many attributes fail by design).
    package func sysLine(_ relative: String) -> String? {
        guard let text = try? sys(relative) else { return nil }
        guard let line = text.lines.first else { return "" }
        return line.string
    }

    /// One whole number of sysfs, decimal or `0x` hexadecimal.
    package func sysNumber(_ relative: String) -> Double? {
        guard let line = sysLine(relative) else { return nil }
        if line.hasPrefix("0x") { return UInt64(line.dropFirst(2), radix: 16).map { Double($0) } }
        return Int64(line).map { Double($0) }
    }

    /// Names in a directory without `.` and `..`, sorted; empty when it does not exist.
    package func list(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The text of any file.
    package func read(_ path: String) throws(HostError) -> HostText {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .absent(path: path) : .unreadable(path: path, errno: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < limit {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(path: path, errno: errno)
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return HostText(path: path, bytes: bytes)
    }
}
