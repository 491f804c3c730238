import Durable
import MartletCore

/// Writes a block: first all symbols in order, then series by series its chunks and its labels, then `publish`.
///
/// All is written beside its later place, under a name that is cleared away at start; a block appears whole or not.
struct BlockWriter {
    /// Directories with this suffix are left over from a writer that did not finish.
    static let temporarySuffix = ".tmp-for-creation"

    let id: BlockID
    private let directory: String
    private let temporary: String
    private let fileSystem: any FileSystem
    private var chunks: ChunkSegmentWriter
    private var index: IndexWriter
    private var exemplars: ExemplarFileWriter
    private var stats = BlockMeta.Stats()
    private var lastTime = Int64.min
    /// Chunks of the series being written.
    private var pending: [StoredChunk] = []
    /// Exemplars of it.
    private var pendingExemplars: [StoredExemplar] = []

    init(_ id: BlockID, in directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        self.id = id
        self.directory = directory
        self.fileSystem = fileSystem
        temporary = FilePath.join(directory, id.description + Self.temporarySuffix)
        try fileSystem.makeDirectory(temporary)
        let chunkDirectory = FilePath.join(temporary, Block.chunkDirectory)
        try fileSystem.makeDirectory(chunkDirectory)
        chunks = ChunkSegmentWriter(chunkDirectory, on: fileSystem)
        index = try IndexWriter(FilePath.join(temporary, IndexLayout.fileName), on: fileSystem)
        exemplars = ExemplarFileWriter(temporary, on: fileSystem)
    }

    /// Adds the next symbol in bytewise order and gives its number.
    mutating func addSymbol(_ symbol: UnsafeRawBufferPointer) throws(DurableError) -> UInt32 {
        try index.addSymbol(symbol)
    }

    mutating func finishSymbols() throws(DurableError) { try index.finishSymbols() }

    /// Adds all symbols of a table, which must be all there are, and gives the number of each.
    mutating func addSymbols(_ symbols: SymbolTable) throws(DurableError) -> [UInt32] {
        let order = (0..<UInt32(symbols.count)).sorted { a, b in
            symbols.withBytes(of: a) { x in symbols.withBytes(of: b) { y in Bytes.compare(x, y) < 0 } }
        }
        var numbers = [UInt32](repeating: 0, count: symbols.count)
        for symbol in order {
            numbers[Int(symbol)] = try Bytes.of(Array(symbols.bytes(of: symbol))) { (bytes) throws(DurableError) in
                try addSymbol(bytes)
            }
        }
        try finishSymbols()
        return numbers
    }

    /// Adds a chunk of the series whose labels follow. Chunks come by time and do not overlap.
    mutating func addChunk(
        _ encoding: UInt8, _ data: UnsafeRawBufferPointer, from minTime: Int64, to maxTime: Int64
    ) throws(DurableError) {
        pending.append(StoredChunk(minTime: minTime, maxTime: maxTime, ref: try chunks.add(encoding, data)))
        let samples = UInt64(ChunkEncoding.sampleCount(encoding, data))
        lastTime = max(lastTime, maxTime)
        stats.chunks += 1
        stats.samples += samples
        if ChunkEncoding.isHistogram(encoding) {
            stats.histogramSamples += samples
        } else {
            stats.floatSamples += samples
        }
    }

    /// Adds exemplars of the series whose labels follow, in any order.
    mutating func addExemplars(_ exemplars: [StoredExemplar]) { pendingExemplars += exemplars }

    /// Ends a series: symbols of its names and values in turn. One without chunks is left out. Gives its number.
    @discardableResult
    mutating func finishSeries(_ labels: [UInt32]) throws(DurableError) -> UInt32? {
        defer { pendingExemplars.removeAll(keepingCapacity: true) }
        guard !pending.isEmpty else { return nil }
        stats.series += 1
        let number = try index.addSeries(labels, pending)
        pending.removeAll(keepingCapacity: true)
        if !pendingExemplars.isEmpty { try exemplars.add(number, StoredExemplar.sorted(pendingExemplars)) }
        return number
    }

    /// Completes the files, syncs them and puts the block in its place; its times reach to its last sample at least.
    /// False, and nothing published, when it has no series.
    mutating func publish(
        _ description: BlockMeta, _ tombstones: Tombstones = Tombstones()
    ) throws(DurableError) -> Bool {
        guard stats.series > 0 else {
            abandon()
            return false
        }
        try chunks.finish()
        try index.finish()
        try exemplars.finish()
        var meta = description
        meta.stats = stats
        meta.maxTime = max(meta.maxTime, lastTime == .max ? .max : lastTime + 1)
        meta.stats.tombstones = UInt64(tombstones.count)
        try tombstones.publish(in: temporary, on: fileSystem)
        try meta.publish(in: temporary, on: fileSystem)
        try fileSystem.syncDirectory(temporary)
        try fileSystem.rename(temporary, to: FilePath.join(directory, id.description))
        try fileSystem.syncDirectory(directory)
        return true
    }

    /// Removes what was written.
    func abandon() {
        // What cannot be removed now is cleared away at the next start.
        try? fileSystem.removeTree(temporary)
    }
}
