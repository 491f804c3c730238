import MartletCore
import MetricStorage

/// A block's `meta.json` as it stands in a bucket: Prometheus' with Thanos' section, which says where the block comes from
/// and which files it has (thanos.io/tip/thanos/storage.md).
enum ThanosDescription {
    /// The bytes. `labels` tell this writer's blocks from those of others; `files` are the block's, with their sizes.
    static func bytes(
        _ meta: BlockMeta, labels: [(name: String, value: String)], files: [(name: String, size: Int64)]
    ) -> [UInt8] {
        guard case .object(var members) = meta.json else { return meta.json.bytes }
        let list =
            files.map { file in
                JSONValue.object([.init("rel_path", .string(file.name)), .init("size_bytes", .number("\(file.size)"))])
            } + [.object([.init("rel_path", .string(BlockMeta.fileName))])]
        members.append(
            .init(
                "thanos",
                .object([
                    .init("version", 1),
                    .init("labels", .object(labels.map { .init($0.name, .string($0.value)) })),
                    .init("downsample", .object([.init("resolution", 0)])),
                    .init("source", "martlet"), .init("files", .array(list)),
                ])))
        return JSONValue.object(members).bytes
    }
}
