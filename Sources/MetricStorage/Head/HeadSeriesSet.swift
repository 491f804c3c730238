import Durable
import MartletCore
import PromQL
import SampleMath

/// What a selection found in the head: labels and open chunks as copies, closed chunks in slabs that it keeps alive.
struct HeadSeriesSet: LocalSeriesSet {
    private(set) var labels = LabelList()
    private var openBytes: [UInt8] = []
    private var openEnds: [Int] = [0]
    private var closed: [ChunkAddress] = []
    /// Encodings of open chunks that are not of floats.
    private var encodings: [Int: UInt8] = [:]
    private var deleted: [Int: DeletedTimes] = [:]
    private let arena: ChunkArena
    private let start: Int64
    private let end: Int64

    /// An empty set. The arena's files must not have been cut.
    init(_ arena: ChunkArena, from start: Int64, to end: Int64) {
        self.arena = arena
        self.start = start
        self.end = end
    }

    mutating func add(
        _ labels: UnsafeRawBufferPointer, _ record: SeriesRecord, _ histograms: HistogramChunk?,
        _ deleted: DeletedTimes?
    ) {
        self.labels.append(labels)
        if !record.chunk.isEmpty, record.chunk.firstTime <= end { openBytes.append(contentsOf: record.chunk.bytes) }
        if let histograms, histograms.firstTime <= end {
            openBytes.append(contentsOf: histograms.bytes)
            encodings[count - 1] = histograms.encoding
        }
        openEnds.append(openBytes.count)
        closed.append(record.closed)
        if let deleted { self.deleted[count - 1] = deleted }
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        try readFloats(index, into: &columns)
    }

    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        let before = samples.mark
        var chunks: [(UInt8, UnsafeRawBufferPointer)] = []
        arena.walk(closed[index], from: start) { entry, bytes in
            if entry.first <= end { chunks.append((entry.encoding, bytes)) }
        }
        var isSound = true
        for (encoding, chunk) in chunks.reversed() {
            let isWhole = ChunkReader.decode(encoding, chunk, from: start, to: end, into: &samples)
            isSound = isSound && isWhole
        }
        openBytes.withUnsafeBytes { all in
            let chunk = UnsafeRawBufferPointer(rebasing: all[openEnds[index]..<openEnds[index + 1]])
            let encoding = encodings.isEmpty ? ChunkEncoding.xor : encodings[index] ?? ChunkEncoding.xor
            let isWhole = ChunkReader.decode(encoding, chunk, from: start, to: end, into: &samples)
            isSound = isSound && isWhole
        }
        guard isSound else { throw QueryError(.internal, "a chunk of \(labels[index]) in the head is malformed") }
        if let deleted = deleted[index] { samples.remove(deleted, after: before) }
    }
}
