import CPlatform
import Durable
import MartletCore
import PromQL
import SampleMath

/// What a selection found in the head: labels and open chunks as copies, closed chunks where they lie in slabs that it keeps
/// alive.
///
/// Sendable although it has pointers: they lead into slabs that `arena` holds, and what a slab has is never written again.
struct HeadSeriesSet: LocalSeriesSet, @unchecked Sendable {
    /// A closed chunk in a slab.
    private struct ClosedChunk {
        let base: UnsafeRawPointer
        let count: UInt32
        let encoding: UInt8
    }

    private(set) var labels = LabelList()
    private var openBytes: [UInt8] = []
    private var openEnds: [Int] = [0]
    /// Of each series from the newest to the oldest.
    private var closed: [ClosedChunk] = []
    private var closedEnds: [Int] = [0]
    /// Encodings of open chunks that are not of floats.
    private var encodings: [Int: UInt8] = [:]
    private var deleted: [Int: DeletedTimes] = [:]
    /// The newest sample of each series where that is all that is wanted; at `.min` where chunks must be decoded for it.
    private var newest: [(time: Int64, value: UInt64)] = []
    private let arena: ChunkArena
    private let start: Int64
    private let end: Int64
    private let newestOnly: Bool
    /// Pages of files that were lost before this was made.
    private let lostPages = MappedFile.lostPages

    /// An empty set. The arena's files were verified.
    init(_ arena: ChunkArena, from start: Int64, to end: Int64, newestOnly: Bool = false) {
        self.arena = arena
        self.start = start
        self.end = end
        self.newestOnly = newestOnly
    }

    var memory: Int {
        labels.memory + openBytes.capacity + closed.capacity * MemoryLayout<ClosedChunk>.stride
            + (openEnds.capacity + closedEnds.capacity) * MemoryLayout<Int>.stride + newest.capacity * 16
    }

    /// Makes room for series that are to be added, if the query may have the memory.
    mutating func reserve(
        _ refs: [SeriesRef], of table: borrowing SeriesTable, _ context: QueryContext
    ) throws(QueryError) {
        var labelBytes = 0
        var chunkBytes = 0
        for ref in refs {
            guard let record = table.record(ref) else { continue }
            labelBytes += Int(record.pointee.labelCount)
            if !newestOnly { chunkBytes += record.pointee.chunk.byteCount }
        }
        // Beside these: where chunks end, and where closed ones lie.
        try context.hold(bytes: labelBytes + chunkBytes + refs.count * (newestOnly ? 40 : 120))
        labels.reserve(refs.count, bytes: labelBytes)
        openBytes.reserveCapacity(chunkBytes)
        openEnds.reserveCapacity(refs.count + 1)
        closedEnds.reserveCapacity(refs.count + 1)
        if newestOnly { newest.reserveCapacity(refs.count) }
        context.release(bytes: labelBytes + chunkBytes + refs.count * (newestOnly ? 40 : 120))
    }

    mutating func add(
        _ labels: UnsafeRawBufferPointer, _ record: SeriesRecord, _ histograms: HistogramChunk?,
        _ deleted: DeletedTimes?
    ) {
        self.labels.append(labels)
        let newestOnly = newestOnly && deleted == nil && !record.hasHistogram
        if newestOnly, !record.chunk.isEmpty, start <= record.chunk.lastTime, record.chunk.lastTime <= end {
            newest.append((record.chunk.lastTime, record.chunk.lastValueBits))
        } else {
            if self.newestOnly { newest.append((.min, 0)) }
            addChunks(record, histograms, newestOnly)
            if let deleted { self.deleted[count - 1] = deleted }
        }
        openEnds.append(openBytes.count)
        closedEnds.append(closed.count)
    }

    private mutating func addChunks(_ record: SeriesRecord, _ histograms: HistogramChunk?, _ newestOnly: Bool) {
        // A chunk that begins within the times has a newer sample in them than all chunks before it.
        var isComplete = false
        if !record.chunk.isEmpty, record.chunk.firstTime <= end {
            openBytes.append(contentsOf: record.chunk.bytes)
            isComplete = newestOnly && record.chunk.firstTime >= start
        }
        if let histograms, histograms.firstTime <= end {
            openBytes.append(contentsOf: histograms.bytes)
            encodings[count - 1] = histograms.encoding
        }
        if isComplete { return }
        arena.walk(record.closed, from: start) { entry, bytes in
            guard !isComplete, entry.first <= end, let base = bytes.baseAddress else { return }
            closed.append(ClosedChunk(base: base, count: UInt32(bytes.count), encoding: entry.encoding))
            isComplete = newestOnly && entry.first >= start
        }
    }

    /// Chunks that are asked for before they are decoded: they lie anywhere, and waiting for them costs as much as decoding.
    private static let chunksAhead = 6

    /// Asks for the first chunks of a series.
    private func prefetch(_ index: Int) {
        let end = closedEnds[index + 1]
        for position in max(closedEnds[index], end - Self.chunksAhead)..<end { prefetch(closed[position]) }
    }

    @inline(__always)
    private func prefetch(_ chunk: ClosedChunk) {
        var line = 0
        while line < chunk.count {
            cplatform_prefetch(chunk.base + line)
            line += 64
        }
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        try readFloats(index, into: &columns)
    }

    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        if newestOnly, newest[index].time > .min {
            return samples.append(newest[index].time, Double(bitPattern: newest[index].value))
        }
        let before = samples.mark
        var isSound = true
        if index == 0 { prefetch(0) }
        if index + 1 < count { prefetch(index + 1) }
        for position in (closedEnds[index]..<closedEnds[index + 1]).reversed() {
            if position - Self.chunksAhead >= closedEnds[index] { prefetch(closed[position - Self.chunksAhead]) }
            let chunk = closed[position]
            let isWhole = ChunkReader.decode(
                chunk.encoding, UnsafeRawBufferPointer(start: chunk.base, count: Int(chunk.count)), from: start,
                to: end, into: &samples)
            isSound = isSound && isWhole
        }
        openBytes.withUnsafeBytes { all in
            let chunk = UnsafeRawBufferPointer(rebasing: all[openEnds[index]..<openEnds[index + 1]])
            let encoding = encodings.isEmpty ? ChunkEncoding.xor : encodings[index] ?? ChunkEncoding.xor
            let isWhole = ChunkReader.decode(encoding, chunk, from: start, to: end, into: &samples)
            isSound = isSound && isWhole
        }
        if MappedFile.lostPages != lostPages {
            do throws(DurableError) { try arena.verify(from: start) } catch { throw Block.failure(error) }
        }
        guard isSound else { throw QueryError(.internal, "a chunk of \(labels[index]) in the head is malformed") }
        if !deleted.isEmpty, let deleted = deleted[index] { samples.remove(deleted, after: before) }
    }
}
