import Durable
import MartletCore
import PromQL
import SampleMath

/// What a selection found in a block: labels and places of chunks; the chunks are decoded when they are read.
struct BlockSeriesSet: LocalSeriesSet {
    private(set) var labels = LabelList()
    private var places: [StoredChunk] = []
    private var placeEnds: [Int] = [0]
    private var deleted: [Int: DeletedTimes] = [:]
    private let chunks: ChunkSegments
    private let start: Int64
    private let end: Int64
    private let newestOnly: Bool

    var memory: Int {
        labels.memory + places.capacity * MemoryLayout<StoredChunk>.stride + placeEnds.capacity
            * MemoryLayout<Int>.stride
    }

    /// The chunks that reading all series will read.
    var chunkRefs: [UInt64] { places.map(\.ref) }

    init(_ chunks: ChunkSegments, from start: Int64, to end: Int64, newestOnly: Bool = false) {
        self.chunks = chunks
        self.start = start
        self.end = end
        self.newestOnly = newestOnly
    }

    mutating func add(
        _ series: borrowing StoredSeries, _ deleted: DeletedTimes?, _ index: IndexReader, _ cache: inout SymbolCache
    ) throws(DurableError) {
        try labels.append { (out) throws(DurableError) in try index.appendLabels(series, to: &out, &cache) }
        let first = places.count
        for chunk in series.chunks where chunk.overlaps(start, end) {
            // A chunk that begins within the times has a newer sample in them than all chunks before it.
            if newestOnly, deleted == nil, chunk.minTime >= start { places.removeLast(places.count - first) }
            places.append(chunk)
        }
        placeEnds.append(places.count)
        if let deleted, deleted.touches(start, end) { self.deleted[count - 1] = deleted }
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        try readFloats(index, into: &columns)
    }

    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        let first = samples.mark
        do throws(DurableError) {
            for place in places[placeEnds[index]..<placeEnds[index + 1]] {
                let middle = samples.mark
                try chunks.decode(place.ref, from: start, to: end, into: &samples)
                samples.settle(from: middle, after: first)
            }
        } catch {
            throw Block.failure(error)
        }
        if !deleted.isEmpty, let deleted = deleted[index] { samples.remove(deleted, after: first) }
    }
}

extension ChunkSegments {
    /// Appends a chunk's samples with `start <= t <= end`.
    @inline(__always)
    func decode(
        _ ref: UInt64, from start: Int64, to end: Int64, into samples: inout SeriesSamples
    ) throws(DurableError) {
        try withChunk(ref) { (encoding, data) throws(DurableError) in
            guard ChunkReader.knows(encoding) else { throw unreadable(ref, encoding) }
            let isSound = ChunkReader.decode(encoding, data, from: start, to: end, into: &samples)
            if !isSound { throw corrupt(ref, "the chunk's samples are malformed") }
        }
    }
}
