package import Durable
import MartletCore

/// The cursor of the last entry that is in the queue, in a file of its own:
/// `martlet-cursor 1 <crc32c of the cursor, hexadecimal>`, then the cursor.
package struct JournalCursor: Sendable {
    private static let magic = "martlet-cursor 1 "
    /// The file.
    package let path: String
    private let fileSystem: any FileSystem

    /// A cursor kept at `path`.
    package init(path: String, on fileSystem: any FileSystem = DiskFileSystem()) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// The saved cursor; nil when there is none, and also when the file is damaged, since reading then begins at an age.
    package func load() -> String? {
        guard let bytes = try? fileSystem.read(path, limit: 1 << 16) else { return nil }
        let lines = bytes.split(separator: 0x0A)
        guard lines.count == 2, lines[0].starts(with: JournalCursor.magic.utf8),
            let sum = UInt32(
                String(decoding: lines[0].dropFirst(JournalCursor.magic.utf8.count), as: UTF8.self), radix: 16),
            lines[1].withUnsafeBytes({ CRC32C.checksum($0) }) == sum
        else { return nil }
        return String(decoding: lines[1], as: UTF8.self)
    }

    /// Replaces the saved cursor. Blocks.
    package func save(_ cursor: String) throws(DurableError) {
        let sum = Array(cursor.utf8).withUnsafeBytes { CRC32C.checksum($0) }
        try AtomicFile.publish(
            path, Array("\(JournalCursor.magic)\(String(sum, radix: 16))\n\(cursor)\n".utf8), on: fileSystem)
    }
}
