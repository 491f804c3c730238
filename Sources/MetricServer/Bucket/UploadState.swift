package import Durable
import MartletCore
package import MetricStorage

/// What was uploaded, in a file that survives restarts: `{"version":1,"blocks":[{"ulid":…,"minTime":…,…}]}`.
package struct UploadState: Sendable, Equatable {
    /// The file in the data directory.
    package static let fileName = "uploaded.json"
    private static let sizeLimit = 64 << 20

    /// A block in the bucket.
    package struct Entry: Sendable, Equatable {
        package var minTime: Int64
        package var maxTime: Int64
        package var level: Int
        package var sources: [BlockID]
        package var parents: [BlockID]
        /// When another block was found to have all its samples, in milliseconds: it is removed after some time.
        package var replacedMs: Int64?
    }

    /// The blocks of this writer in the bucket.
    package private(set) var blocks: [BlockID: Entry] = [:]

    /// Nothing was uploaded.
    package init() {}

    /// Reads the file in a directory; a missing one says that nothing was uploaded.
    package init(directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        let path = FilePath.join(directory, Self.fileName)
        guard try fileSystem.exists(path) else { return }
        let bytes = try fileSystem.read(path, limit: Self.sizeLimit)
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.int64 == 1, let list = json["blocks"]?.array
        else {
            throw DurableError(
                .corrupt, path: path, operation: "read what was uploaded", message: "not version 1 of it")
        }
        for item in list {
            guard let id = item["ulid"]?.string.flatMap(BlockID.init), let minTime = item["minTime"]?.int64,
                let maxTime = item["maxTime"]?.int64
            else {
                throw DurableError(
                    .corrupt, path: path, operation: "read what was uploaded",
                    message:
                        "an entry is no block; move the file away to have the bucket looked at for each block again")
            }
            func ids(_ name: String) -> [BlockID] {
                item[name]?.array?.compactMap { $0.string.flatMap(BlockID.init) } ?? []
            }
            blocks[id] = Entry(
                minTime: minTime, maxTime: maxTime, level: Int(clamping: item["level"]?.int64 ?? 1),
                sources: ids("sources"), parents: ids("parents"), replacedMs: item["replaced"]?.int64)
        }
    }

    /// Puts the file in place, replacing the one before.
    package func publish(in directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        func ids(_ ids: [BlockID]) -> JSONValue { .array(ids.map { .string($0.description) }) }
        let list = blocks.sorted { $0.key < $1.key }.map { id, entry in
            var members: [JSONValue.Member] = [
                .init("ulid", .string(id.description)), .init("minTime", .number("\(entry.minTime)")),
                .init("maxTime", .number("\(entry.maxTime)")), .init("level", .number("\(entry.level)")),
                .init("sources", ids(entry.sources)), .init("parents", ids(entry.parents)),
            ]
            if let time = entry.replacedMs { members.append(.init("replaced", .number("\(time)"))) }
            return JSONValue.object(members)
        }
        let json = JSONValue.object([.init("version", 1), .init("blocks", .array(list))])
        try AtomicFile.publish(FilePath.join(directory, Self.fileName), json.bytes, on: fileSystem)
    }

    // MARK: What follows from it

    /// Notes an uploaded block.
    package mutating func add(_ meta: BlockMeta) {
        blocks[meta.id] = Entry(
            minTime: meta.minTime, maxTime: meta.maxTime, level: meta.level, sources: meta.sources,
            parents: meta.parents.map(\.id), replacedMs: nil)
    }

    /// Forgets a block that was removed from the bucket.
    package mutating func remove(_ id: BlockID) { blocks[id] = nil }

    /// Whether the bucket has all samples of a block.
    package func holds(_ meta: BlockMeta) -> Bool {
        blocks[meta.id] != nil || meta.sources.allSatisfy { blocks[$0] != nil && $0 != meta.id }
    }

    /// Marks the blocks that are gone locally since another uploaded one was made from them.
    package mutating func markReplaced(local: Set<BlockID>, nowMs: Int64) {
        for (id, entry) in blocks where entry.replacedMs == nil && !local.contains(id) {
            let sources = Set(entry.sources)
            let isReplaced = blocks.contains { other, candidate in
                guard other != id, candidate.replacedMs == nil else { return false }
                return candidate.parents.contains(id)
                    || candidate.level > entry.level && sources.isSubset(of: candidate.sources)
            }
            if isReplaced { blocks[id]?.replacedMs = nowMs }
        }
    }

    /// Marks blocks of which nothing was left when they were written anew: they go at once.
    package mutating func markEmptied(_ ids: Set<BlockID>) {
        for id in ids where blocks[id] != nil { blocks[id]?.replacedMs = .min / 2 }
    }

    /// The blocks to remove from the bucket: those replaced long enough ago, and those beyond the retention.
    package func due(nowMs: Int64, graceMs: Int64, retentionMs: Int64) -> [BlockID] {
        guard let newest = blocks.values.map(\.maxTime).max() else { return [] }
        return blocks.filter { _, entry in
            if let replaced = entry.replacedMs { return nowMs &- replaced >= graceMs }
            let (age, overflow) = newest.subtractingReportingOverflow(entry.maxTime)
            return entry.maxTime != newest && (overflow || age >= retentionMs)
        }.map(\.key).sorted()
    }
}
