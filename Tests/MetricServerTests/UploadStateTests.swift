import Durable
import MetricServer
import MetricStorage
import Testing

@Suite("What was uploaded")
struct UploadStateTests {
    private static let hour: Int64 = 3_600_000
    private var random = SystemRandomNumberGenerator()

    private mutating func block(_ hours: Range<Int64>, level: Int = 1, of parents: [BlockMeta] = []) -> BlockMeta {
        var meta = BlockMeta(
            id: BlockID(timeMs: 0, random: &random), times: hours.lowerBound * Self.hour..<hours.upperBound * Self.hour)
        meta.level = level
        if !parents.isEmpty { meta.sources = parents.flatMap(\.sources) }
        meta.parents = parents.map { .init(id: $0.id, minTime: $0.minTime, maxTime: $0.maxTime) }
        return meta
    }

    @Test("survives a restart; a damaged file is an error, a missing one says that nothing was uploaded")
    mutating func file() throws {
        let directory = try TemporaryDirectory()
        #expect(try UploadState(directory: directory.path, on: DiskFileSystem()) == UploadState())
        var state = UploadState()
        let (a, b) = (block(0..<2), block(2..<4))
        state.add(a)
        state.add(b)
        state.add(block(0..<4, level: 2, of: [a, b]))
        state.markReplaced(local: [b.id], nowMs: 7)
        try state.publish(in: directory.path, on: DiskFileSystem())
        #expect(try UploadState(directory: directory.path, on: DiskFileSystem()) == state)
        #expect(state.blocks[a.id]?.replacedMs == 7)
        #expect(state.blocks[b.id]?.replacedMs == nil)
        try DiskFileSystem().open(directory.file(UploadState.fileName), .truncate).write([0x7B], at: 0)
        #expect(throws: DurableError.self) { try UploadState(directory: directory.path, on: DiskFileSystem()) }
    }

    @Test("a block goes from the bucket only when an uploaded one has its samples, and after the grace")
    mutating func replaced() {
        var state = UploadState()
        let (a, b, lost) = (block(0..<2), block(2..<4), block(4..<6))
        for meta in [a, b, lost] { state.add(meta) }
        // Gone here, but nothing else in the bucket has their samples.
        state.markReplaced(local: [], nowMs: 0)
        #expect(state.due(nowMs: .max, graceMs: 10, retentionMs: .max).isEmpty)
        // What they were merged into was merged again before it was uploaded.
        let middle = block(0..<4, level: 2, of: [a, b])
        let merged = block(0..<6, level: 3, of: [middle])
        state.add(merged)
        state.markReplaced(local: [merged.id], nowMs: 100)
        #expect(state.due(nowMs: 109, graceMs: 10, retentionMs: .max).isEmpty)
        #expect(state.due(nowMs: 110, graceMs: 10, retentionMs: .max) == [a.id, b.id].sorted())
        state.remove(a.id)
        #expect(state.blocks[a.id] == nil)
    }

    @Test("a block that was written anew without some series takes the old one's place")
    mutating func rewritten() {
        var state = UploadState()
        let old = block(0..<2)
        let fresh = block(0..<2, of: [old])
        state.add(old)
        state.add(fresh)
        state.markReplaced(local: [fresh.id], nowMs: 0)
        #expect(state.due(nowMs: 0, graceMs: 0, retentionMs: .max) == [old.id])
    }

    @Test("a block of which nothing was left goes at once")
    mutating func emptied() {
        var state = UploadState()
        let (gone, other) = (block(0..<2), block(2..<4))
        state.add(gone)
        state.add(other)
        state.markEmptied([gone.id])
        #expect(state.due(nowMs: 0, graceMs: 7_200_000, retentionMs: .max) == [gone.id])
    }

    @Test("blocks beyond the retention go, the newest never")
    mutating func retention() {
        var state = UploadState()
        let (a, b, c) = (block(0..<2), block(2..<4), block(4..<6))
        for meta in [a, b, c] { state.add(meta) }
        #expect(state.due(nowMs: 0, graceMs: 0, retentionMs: 4 * Self.hour) == [a.id])
        #expect(state.due(nowMs: 0, graceMs: 0, retentionMs: 0) == [a.id, b.id].sorted())
    }

    @Test("the bucket has a block's samples when it has the block, or all blocks of the head that it was made of")
    mutating func holds() {
        var state = UploadState()
        let (a, b) = (block(0..<2), block(2..<4))
        let merged = block(0..<4, level: 2, of: [a, b])
        state.add(a)
        #expect(state.holds(a) && !state.holds(b) && !state.holds(merged))
        state.add(b)
        #expect(state.holds(merged))
    }
}
