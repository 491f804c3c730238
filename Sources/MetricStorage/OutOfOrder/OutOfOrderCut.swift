import Durable
import MartletCore

/// Writes out-of-order samples as a block, with Prometheus' hint that says so: the head does not begin behind it.
enum OutOfOrderCut {
    static let hint = "from-out-of-order"

    /// A series and those of its samples that go into the block.
    struct Series {
        let labels: Labels
        let samples: OutOfOrderSamples
        let deleted: DeletedTimes?
    }

    /// Writes the block and publishes it in `directory`. False when nothing is left that was not deleted.
    static func write(
        _ series: [Series], as meta: BlockMeta, in directory: String, on fileSystem: any FileSystem
    ) throws(DurableError) -> Bool {
        let series = series.sorted { $0.labels < $1.labels }
        var symbols = SymbolTable()
        for item in series {
            item.labels.forEach { name, value in
                _ = symbols.intern(name)
                _ = symbols.intern(value)
            }
        }
        var writer = try BlockWriter(meta.id, in: directory, on: fileSystem)
        do throws(DurableError) {
            let numbers = try writer.addSymbols(symbols)
            for item in series {
                var rewriter = ChunkRewriter()
                rewriter.add(item.samples, without: item.deleted)
                try rewriter.encode { (encoding, first, last, data) throws(DurableError) in
                    try writer.addChunk(encoding, data, from: first, to: last)
                }
                var labels: [UInt32] = []
                item.labels.forEach { name, value in
                    for text in [name, value] { labels.append(numbers[Int(symbols.intern(text))]) }
                }
                try writer.finishSeries(labels)
            }
            return try writer.publish(meta)
        } catch {
            writer.abandon()
            throw error
        }
    }
}
