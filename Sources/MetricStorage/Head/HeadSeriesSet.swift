import MartletCore
import PromQL
import SampleMath

/// What a selection found in the head: labels and open chunks as copies, closed chunks in slabs that it keeps alive.
struct HeadSeriesSet: LocalSeriesSet {
    private(set) var labels = LabelList()
    private var openBytes: [UInt8] = []
    private var openEnds: [Int] = [0]
    private var closed: [ChunkAddress] = []
    private var deleted: [Int: DeletedTimes] = [:]
    private let arena: ChunkArena
    private let start: Int64
    private let end: Int64

    init(_ arena: ChunkArena, from start: Int64, to end: Int64) {
        self.arena = arena
        self.start = start
        self.end = end
    }

    mutating func add(_ labels: UnsafeRawBufferPointer, _ record: SeriesRecord, _ deleted: DeletedTimes?) {
        self.labels.append(labels)
        if !record.chunk.isEmpty, record.chunk.firstTime <= end { openBytes.append(contentsOf: record.chunk.bytes) }
        openEnds.append(openBytes.count)
        closed.append(record.closed)
        if let deleted { self.deleted[count - 1] = deleted }
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        let before = columns.count
        var chunks: [UnsafeRawBufferPointer] = []
        arena.walk(closed[index], from: start) { first, _, bytes in if first <= end { chunks.append(bytes) } }
        for chunk in chunks.reversed() {
            ChunkDecoder.decode(chunk, from: start, to: end, times: &columns.timestamps, values: &columns.values)
        }
        openBytes.withUnsafeBytes { all in
            let chunk = UnsafeRawBufferPointer(rebasing: all[openEnds[index]..<openEnds[index + 1]])
            ChunkDecoder.decode(chunk, from: start, to: end, times: &columns.timestamps, values: &columns.values)
        }
        deleted[index]?.remove(from: &columns, at: before)
    }
}
