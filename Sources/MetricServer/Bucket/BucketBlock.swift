import Durable
import MetricStorage
import ObjectStorage

/// A block as a bucket has it: Thanos' layout, the block's directory as the beginning of the names.
struct BucketBlock: Sendable, Hashable {
    /// A description with the marks of all who wrote to it is this long at most.
    static let descriptionLimit = BlockMeta.sizeLimit

    let meta: BlockMeta
    /// Bytes of the index.
    let indexSize: Int64
    /// Bytes of the exemplars; 0 when there are none.
    let exemplarSize: Int64
    /// Bytes of each chunk segment.
    let segmentSizes: [Int64]

    /// Blocks by their names among a bucket's objects, each with the sizes of its files; those that have a description,
    /// which comes last when a block is written and goes first when it is removed.
    static func files(among objects: [ObjectInfo]) -> [BlockID: [String: Int64]] {
        var blocks: [BlockID: [String: Int64]] = [:]
        for object in objects {
            let parts = object.key.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, let id = BlockID(String(parts[0])) else { continue }
            blocks[id, default: [:]][String(parts[1])] = object.size
        }
        return blocks.filter { $0.value[BlockMeta.fileName] != nil }
    }

    /// A block from its description and the sizes of its files; nil when a file is missing.
    init?(_ meta: BlockMeta, files: [String: Int64]) {
        guard let indexSize = files[Block.indexFile] else { return nil }
        self.meta = meta
        self.indexSize = indexSize
        exemplarSize = files[Block.exemplarFile] ?? 0
        // Their names are numbers of six digits, so that their order is that of the names.
        segmentSizes = files.keys.filter { $0.hasPrefix(Block.chunkDirectory + "/") }.sorted().compactMap { files[$0] }
    }

    /// The name of one of a block's files in the bucket.
    static func key(_ id: BlockID, _ file: String) -> String { "\(id)/\(file)" }

    /// The file of a chunk segment, counting from 0.
    static func segmentFile(_ segment: Int) -> String {
        let digits = "\(segment + 1)"
        return "\(Block.chunkDirectory)/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
