package import Durable
import MartletCore

/// Makes blocks of samples that come in any order, however many, in bounded memory.
///
/// Samples gather in memory; whenever that is full they become a block in a scratch directory, whose chunks end at the
/// grid of 2 h. At the end the scratch blocks are merged, cell by cell of the grid, into the blocks that are wanted,
/// which appear in the data directory only when all are written. Few hours give blocks of 2 h, long times blocks of the
/// higher levels that compaction would make of those.
package struct BlockImport {
    /// How much is gathered before it is written.
    package struct Limits: Sendable {
        /// Samples, 20 bytes each.
        package var samples = 2 << 20
        /// Bytes of label sets.
        package var labelBytes = 128 << 20

        /// About 200 MB together with what writing takes.
        package init() {}
    }

    /// Blocks that are written before longer ones are preferred.
    private static let wantedBlocks = 40
    private static let longestMs: Int64 = 31 * 86_400_000

    /// Samples that were left out since their series had one at the same time.
    package private(set) var repeated = 0
    private let directory: String
    private let scratch: String
    private let limits: Limits
    private let nowMs: Int64
    private let fileSystem: any FileSystem
    private var buffer = ImportBuffer()
    private var cells = ImportCells()
    private var parts: [BlockID] = []
    private var random = SystemRandomNumberGenerator()

    /// An import into a data directory, which must exist and which the caller holds locked.
    package init(
        into directory: String, nowMs: Int64, limits: Limits = Limits(),
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        self.directory = directory
        self.nowMs = nowMs
        self.limits = limits
        self.fileSystem = fileSystem
        // The suffix lets a server that starts clear away what an import left that was killed.
        let name = "import-\(BlockID(timeMs: nowMs, random: &random))\(BlockWriter.temporarySuffix)"
        scratch = FilePath.join(directory, name)
        try fileSystem.makeDirectory(scratch)
        try fileSystem.makeDirectory(finished)
    }

    /// Where blocks wait for the others.
    private var finished: String { FilePath.join(scratch, "finished") }

    /// The number of the series with these canonical label bytes, for `add`; void when `writeIfFull` says so.
    package mutating func series(_ canonicalLabels: UnsafeRawBufferPointer) -> UInt32 { buffer.series(canonicalLabels) }

    /// Takes a sample of a series: milliseconds since the epoch, and the value.
    package mutating func add(_ series: UInt32, _ timeMs: Int64, _ value: Double) { buffer.add(series, timeMs, value) }

    /// Takes an exemplar of a series, with its own canonical label bytes.
    package mutating func addExemplar(
        _ series: UInt32, _ labels: UnsafeRawBufferPointer, _ timeMs: Int64, _ value: Double
    ) {
        buffer.addExemplar(series, StoredExemplar(time: timeMs, value: value.bitPattern, labels: Array(labels)))
    }

    /// Writes what was gathered when it is much, and says whether it did: all series numbers are void then.
    package mutating func writeIfFull() throws(DurableError) -> Bool {
        guard buffer.count >= limits.samples || buffer.labelMemory >= limits.labelBytes else { return false }
        try write()
        return true
    }

    /// Writes the blocks and puts them into the data directory. Gives their descriptions, by time.
    package mutating func finish() throws(DurableError) -> [BlockMeta] {
        if buffer.count > 0 { try write() }
        var sources: [Block] = []
        for part in parts { sources.append(try Block(FilePath.join(scratch, part.description), on: fileSystem)) }
        var written: [BlockMeta] = []
        let spans = CompactionPlan(longest: Self.longestMs).spans
        for times in cells.blocks(spans: spans, limit: Self.wantedBlocks) {
            var meta = BlockMeta(
                id: BlockID(timeMs: nowMs, random: &random), times: times.lowerBound..<times.upperBound + 1)
            // Samples of the same times in the log stay valid.
            meta.hints = [BlockMeta.outOfOrder]
            let overlapping = sources.filter { $0.overlaps(times.lowerBound, times.upperBound) }
            // Exemplars may lie a little beside the samples that they came with.
            let cells = BlockGrid.start(of: times.lowerBound, span: Head.blockMs)...Head.blockEnd(times.upperBound) - 1
            guard try BlockMerge.write(overlapping, as: meta, within: cells, in: finished, on: fileSystem) else {
                continue
            }
            written.append(try BlockMeta(directory: FilePath.join(finished, meta.id.description), on: fileSystem))
        }
        for meta in written {
            let name = meta.id.description
            try fileSystem.rename(FilePath.join(finished, name), to: FilePath.join(directory, name))
        }
        try fileSystem.syncDirectory(directory)
        try fileSystem.removeTree(scratch)
        return written
    }

    /// Gives up: removes what was written.
    package func abandon() {
        // What cannot be removed now is cleared away when a server starts.
        try? fileSystem.removeTree(scratch)
    }

    private mutating func write() throws(DurableError) {
        let id = BlockID(timeMs: nowMs, random: &random)
        repeated += try buffer.write(id, in: scratch, &cells, on: fileSystem)
        parts.append(id)
        buffer.removeAll()
    }
}
