package import Durable
import MartletCore
import PromQL
import SampleMath

/// A block that is open for reading. Its files never change but for the tombstones, which are replaced as a whole; they
/// stay readable through a block that is held while its directory goes.
package final class Block: Sendable {
    /// The directory of the chunk segments, in that of the block.
    package static let chunkDirectory = "chunks"
    /// The file of the index, in the directory of the block.
    package static let indexFile = IndexLayout.fileName

    /// The file of exemplars, in the directory of the block, where there are any.
    package static let exemplarFile = ExemplarFile.fileName

    /// Where the block's files are.
    package let directory: String
    /// Bytes of index, chunks and exemplars.
    package let byteCount: Int
    let index: IndexReader
    let chunks: ChunkSegments
    /// Nil when there are none; damage keeps nobody from the samples.
    let exemplars: Result<ExemplarFile?, DurableError>
    private let state: Lock<(meta: BlockMeta, tombstones: Tombstones)>
    private let rulesWithoutSeries = Lock<Set<[RetentionRule]>>([])

    /// Opens a block and checks all of it that has to be read for that; with a source of its chunks, a block whose chunk
    /// segments are files without bytes.
    package init(
        _ directory: String, chunksFrom source: (any ChunkSource)? = nil,
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        self.directory = directory
        let meta = try BlockMeta(directory: directory, on: fileSystem)
        index = try IndexReader(FilePath.join(directory, IndexLayout.fileName), on: fileSystem)
        chunks = try ChunkSegments(FilePath.join(directory, Self.chunkDirectory), from: source, on: fileSystem)
        if chunks.isEmpty, meta.stats.chunks > 0 {
            throw DurableError(
                .corrupt, path: FilePath.join(directory, Self.chunkDirectory), operation: "open block",
                message: "the description tells of \(meta.stats.chunks) chunks, and there is no segment")
        }
        do throws(DurableError) {
            exemplars = .success(try ExemplarFile(directory: directory, on: fileSystem))
        } catch {
            exemplars = .failure(error)
        }
        byteCount = index.byteCount + chunks.byteCount + ((try? exemplars.get())??.byteCount ?? 0)
        state = Lock((meta, try Tombstones(directory: directory, on: fileSystem)))
    }

    /// What is known of the block.
    package var meta: BlockMeta { state.withLock { $0.meta } }
    /// What was deleted from it.
    var tombstones: Tombstones { state.withLock { $0.tombstones } }

    /// Whether the block may have samples in the times, both ends included.
    func overlaps(_ start: Int64, _ end: Int64) -> Bool {
        let meta = meta
        return meta.minTime <= end && meta.maxTime > start
    }

    /// Whether it is known that no series here falls under the last of these rules of retention, and under none before.
    func isFree(ofLastOf rules: [RetentionRule]) -> Bool { rulesWithoutSeries.withLock { $0.contains(rules) } }

    /// Notes that.
    func setFree(ofLastOf rules: [RetentionRule]) { rulesWithoutSeries.withLock { _ = $0.insert(rules) } }

    /// Changes what the files say about the block, on disk first.
    func update(
        on fileSystem: any FileSystem, _ change: (inout BlockMeta, inout Tombstones) -> Void
    ) throws(DurableError) {
        try state.withLock { (state) throws(DurableError) in
            var (meta, tombstones) = state
            let before = tombstones.count
            change(&meta, &tombstones)
            meta.stats.tombstones = UInt64(tombstones.count)
            if tombstones.count != before || tombstones.bySeries != state.tombstones.bySeries {
                try tombstones.publish(in: directory, on: fileSystem)
            }
            try meta.publish(in: directory, on: fileSystem)
            state = (meta, tombstones)
        }
    }

    // MARK: Reading

    /// Visits the series that pass the matchers and have chunks in the times that are not deleted whole.
    func forEachSeries(
        _ matchers: [Matcher], from start: Int64, to end: Int64, context: QueryContext,
        _ visit: (borrowing StoredSeries, DeletedTimes?) throws(DurableError) -> Void
    ) throws(QueryError) {
        let tombstones = tombstones
        var series = StoredSeries()
        do {
            try index.verify()
            let found = try index.select(matchers) { !context.isOver }
            try context.check()
            for (position, id) in found.enumerated() {
                if position % 1024 == 0 { try context.check() }
                try index.read(id, into: &series)
                let deleted = tombstones.isEmpty ? nil : tombstones[UInt64(id)]
                let isThere = series.chunks.contains { chunk in
                    chunk.overlaps(start, end)
                        && !(deleted?.covers(max(start, chunk.minTime), min(end, chunk.maxTime)) ?? false)
                }
                if isThere { try visit(series, deleted) }
            }
            try index.verify()
        } catch let error as QueryError {
            throw error
        } catch {
            throw Self.failure(error)
        }
    }

    /// The series of a selection.
    func select(_ selection: MetricSelection, context: QueryContext) throws(QueryError) -> BlockSeriesSet {
        let meta = meta
        let start = max(selection.minTime, meta.minTime)
        // Other writers' blocks may reach to their last time; ours end before it.
        let end = min(selection.maxTime, meta.maxTime)
        do throws(DurableError) { try chunks.verify() } catch { throw Self.failure(error) }
        var set = BlockSeriesSet(chunks, from: start, to: end, newestOnly: selection.hints.newestOnly)
        var cache = SymbolCache()
        try forEachSeries(selection.matchers, from: start, to: end, context: context) {
            (series, deleted) throws(DurableError) in
            try set.add(series, deleted, index, &cache)
        }
        do throws(DurableError) { try chunks.load(set.chunkRefs) } catch { throw Self.failure(error) }
        return set
    }

    /// How a damaged or unreadable block shows in a query.
    static func failure(_ error: any Error) -> QueryError { QueryError(.internal, "\(error)") }
}
