import MetricStorage
import Testing

@Suite("Blocks that others were made of")
struct BlockCopiesTests {
    private static func block(_ number: Int64, level: Int = 1, sources: [Int64]? = nil) -> BlockMeta {
        var meta = BlockMeta(id: id(number), times: 0..<1)
        meta.level = level
        if let sources { meta.sources = sources.map(id) }
        return meta
    }

    private static func id(_ number: Int64) -> BlockID {
        // The same number, the same name.
        struct Zeros: RandomNumberGenerator {
            mutating func next() -> UInt64 { 0 }
        }
        var zeros = Zeros()
        return BlockID(timeMs: number, random: &zeros)
    }

    @Test("are left out, whatever level they have; of copies the newest is taken")
    func distinct() {
        let blocks = [
            Self.block(1), Self.block(2), Self.block(3), Self.block(4, level: 2, sources: [1, 2]),
            Self.block(5, level: 2, sources: [3, 9]), Self.block(6, level: 2, sources: [1, 2]),
        ]
        #expect(BlockCopies.distinct(blocks) == [Self.id(5), Self.id(6)])
        #expect(BlockCopies.distinct(Array(blocks[..<3])) == [Self.id(1), Self.id(2), Self.id(3)])
    }

    @Test("what a store has itself is left out, also in other blocks")
    func own() {
        let blocks = [Self.block(1), Self.block(2), Self.block(3)]
        #expect(
            BlockCopies.distinct(blocks, beside: [Self.block(7, level: 2, sources: [1, 2])]) == [Self.id(3)])
        #expect(BlockCopies.distinct(blocks, beside: blocks).isEmpty)
    }
}
