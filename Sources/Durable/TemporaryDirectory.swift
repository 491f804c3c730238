import Glibc

/// A fresh directory below `$TMPDIR` (or /tmp), removed with its content when the last reference goes.
package final class TemporaryDirectory: Sendable {
    /// The directory, without a slash at its end.
    package let path: String

    /// Makes a directory whose name starts with `martlet-` and the label.
    package init(_ label: String = "test") throws(DurableError) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array(FilePath.join(base, "martlet-\(label)-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw DurableError(errno: errno, path: base, operation: "mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // Nobody is left to be told; the system clears its temporary files.
        try? DiskFileSystem().removeTree(path)
    }

    /// A path below the directory.
    package func file(_ name: String) -> String { FilePath.join(path, name) }
}
