package import Durable
import MartletCore

/// The positions of all followed files and the journal's cursor, in one directory.
///
/// Confined to the thread that follows the files; the journal has a file of its own.
package struct PositionStore: Sendable {
    /// The file of positions.
    package let path: String
    private let fileSystem: any FileSystem
    private var saved: [FileIdentity: FilePosition]
    private var written: [UInt8] = []

    /// Reads the positions kept at `path`. Promtail's own file there is taken over by names; anything else that cannot be
    /// read is an error, since starting anew would send every line again. Blocks.
    package init(path: String, on fileSystem: any FileSystem = DiskFileSystem()) throws {
        self.path = path
        self.fileSystem = fileSystem
        saved = [:]
        let bytes: [UInt8]
        do throws(DurableError) {
            bytes = try fileSystem.read(path, limit: 64 << 20)
        } catch {
            if error.code == .notFound { return }
            throw error
        }
        let positions = PromtailPositions.isLikely(bytes) ? PromtailPositions.decode(bytes) : try decode(bytes)
        for position in positions { saved[position.identity] = position }
    }

    private func decode(_ bytes: [UInt8]) throws(DurableError) -> [FilePosition] {
        do {
            return try PositionFile.decode(bytes)
        } catch {
            throw DurableError(
                .corrupt, path: path, operation: "read positions",
                message: "\(error); remove the file to read all logs from their beginning")
        }
    }

    /// All that is known, by identity.
    package var positions: [FilePosition] { saved.values.sorted { $0.identity < $1.identity } }

    /// The position of a file, if it is known.
    package func position(of identity: FileIdentity) -> FilePosition? { saved[identity] }

    /// Keeps the positions of open files, and of others as long as the same file lies under their name. Blocks; does
    /// nothing when nothing has changed.
    package mutating func save(_ open: [FilePosition]) throws(DurableError) {
        var kept: [FileIdentity: FilePosition] = [:]
        for position in saved.values where OpenFile.identity(at: position.path) == position.identity {
            kept[position.identity] = position
        }
        for position in open { kept[position.identity] = position }
        saved = kept
        let bytes = PositionFile.encode(Array(kept.values))
        if bytes == written { return }
        try AtomicFile.publish(path, bytes, on: fileSystem)
        written = bytes
    }
}
