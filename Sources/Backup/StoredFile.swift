import MartletCore

/// A file of a backup.
package struct StoredFile: Sendable, Hashable {
    /// Slash-separated, below the store's data directory.
    package var path: String
    /// Bytes.
    package var size: Int64
    /// SHA-256 of the content in hexadecimal, which names the object that has it.
    package var digest: String
    /// Permissions.
    package var mode: UInt32
    /// Last change of the content, nanoseconds since 1970.
    package var modifiedNs: Int64
    /// Which file of the machine it was: with time and size the same, its content is the same.
    var inode: UInt64
    var device: UInt64

    /// Whether a file that was found now is the one that was stored then, so that it need not be read.
    func isSame(as found: FoundFile) -> Bool {
        size == found.size && modifiedNs == found.modifiedNs && inode == found.inode && device == found.device
    }

    var json: JSONValue {
        .object([
            .init("path", .string(path)), .init("size", .number("\(size)")), .init("sha256", .string(digest)),
            .init("mode", .string(String(mode, radix: 8))), .init("modified", .number("\(modifiedNs)")),
            .init("inode", .string("\(inode)")), .init("device", .string("\(device)")),
        ])
    }

    /// Nil for something that is none, or whose path would lead out of the directory.
    init?(_ json: JSONValue) {
        guard let path = json["path"]?.string, let size = json["size"]?.int64, size >= 0,
            let digest = json["sha256"]?.string, digest.utf8.count == 64,
            digest.utf8.allSatisfy({ Hex.value(of: $0) != nil }),
            let mode = json["mode"]?.string.flatMap({ UInt32($0, radix: 8) }), let modified = json["modified"]?.int64
        else { return nil }
        guard StoredDirectory.isInside(path) else { return nil }
        self.path = path
        self.size = size
        self.digest = digest
        self.mode = mode & 0o777
        modifiedNs = modified
        inode = json["inode"]?.string.flatMap { UInt64($0) } ?? 0
        device = json["device"]?.string.flatMap { UInt64($0) } ?? 0
    }

    init(_ found: FoundFile, digest: String) {
        path = found.path
        size = found.size
        self.digest = digest
        mode = found.mode
        modifiedNs = found.modifiedNs
        inode = found.inode
        device = found.device
    }
}
