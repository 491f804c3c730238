import Durable
import MartletCore

/// The directory of a segment file: its streams with their blocks. It is in memory while there is room, else it is read again
/// from the file.
final class SegmentDirectory: Sendable {
    private let file: any ReadableFile
    private let loaded: Lock<[SegmentFile.Part]?>
    private let memory: DirectoryMemory?

    /// The directory of `file`, of which `parts` is the content. Without `memory` it stays as long as the file is in use.
    init(_ file: any ReadableFile, _ parts: [SegmentFile.Part], memory: DirectoryMemory?) {
        self.file = file
        self.memory = memory
        loaded = Lock(parts)
        memory?.keep(self, bytes: Self.bytes(parts))
    }

    deinit { memory?.forget(ObjectIdentifier(self)) }

    /// Bytes of memory that a block's entry of a directory takes, about.
    static let blockBytes = 256

    /// Bytes of memory that a stream's takes, without its blocks.
    static func partBytes(_ labels: Labels) -> Int { labels.bytes.count + 128 }

    /// Bytes of memory that parts take, about.
    static func bytes(_ parts: [SegmentFile.Part]) -> Int {
        parts.reduce(256) { $0 + partBytes($1.labels) + $1.blocks.count * blockBytes }
    }

    /// What memory has of it.
    var inMemory: [SegmentFile.Part]? {
        let parts = loaded.withLock { $0 }
        if parts != nil { memory?.use(ObjectIdentifier(self)) }
        return parts
    }

    /// The streams with their blocks. Reads the file where they are not in memory.
    func parts() throws -> [SegmentFile.Part] {
        if let parts = inMemory { return parts }
        memory?.noteRead()
        let parts = try SegmentFile.parts(of: file)
        loaded.withLock { $0 = parts }
        memory?.keep(self, bytes: Self.bytes(parts))
        return parts
    }

    /// Gives its memory back.
    func unload() { loaded.withLock { $0 = nil } }
}
