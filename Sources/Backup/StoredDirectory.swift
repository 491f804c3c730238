import MartletCore

/// A directory of a backup, which may be empty.
package struct StoredDirectory: Sendable, Hashable {
    /// Slash-separated, below the store's data directory.
    package var path: String
    /// Permissions.
    package var mode: UInt32

    /// A directory with its permissions.
    package init(path: String, mode: UInt32) {
        self.path = path
        self.mode = mode
    }

    var json: JSONValue {
        .object([.init("path", .string(path)), .init("mode", .string(String(mode, radix: 8)))])
    }

    /// Nil for something that is none, or whose path would lead out of the directory.
    init?(_ json: JSONValue) {
        guard let path = json["path"]?.string, Self.isInside(path),
            let mode = json["mode"]?.string.flatMap({ UInt32($0, radix: 8) })
        else { return nil }
        self.init(path: path, mode: mode & 0o777)
    }

    /// Whether a path names something below the directory that it begins in.
    static func isInside(_ path: String) -> Bool {
        path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".."
        } && !path.contains("\0")
    }
}
