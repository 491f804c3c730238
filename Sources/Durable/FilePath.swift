import Glibc

/// Arithmetic on slash-separated paths.
package enum FilePath {
    /// `directory/name`, without doubling a slash.
    package static func join(_ directory: String, _ name: String) -> String {
        directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
    }

    /// What a file means by a path: a relative one is of a file in the same directory.
    package static func beside(_ file: String, _ path: String) -> String {
        path.utf8.first == UInt8(ascii: "/") || !file.utf8.contains(UInt8(ascii: "/"))
            ? path : join(parent(of: file), path)
    }

    /// The directory that holds `path`: `.` for a bare name, `/` for what lies at the root.
    package static func parent(of path: String) -> String {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return trimmed == "/" ? "/" : "." }
        let parent = trimmed[..<slash]
        return parent.isEmpty ? "/" : String(parent)
    }

    /// The last component.
    package static func name(of path: String) -> String {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")), trimmed != "/" else { return String(trimmed) }
        return String(trimmed[trimmed.utf8.index(after: slash)...])
    }

    /// The paths that a pattern with wildcards (glob(7)) matches now, sorted.
    package static func matches(_ pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
    }

    private static func trimmingSlashes(_ path: String) -> Substring {
        var rest = Substring(path)
        while rest.utf8.count > 1, rest.utf8.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        return rest
    }
}
