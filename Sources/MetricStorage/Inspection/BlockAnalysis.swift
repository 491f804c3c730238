package import Durable
import MartletCore

/// What makes a block large: the figures of `promtool tsdb analyze`.
package struct BlockAnalysis: Sendable {
    /// A label name or pair with what is counted of it.
    package struct Figure: Sendable, Hashable {
        /// A label name, a metric name, or `name=value`.
        package let subject: String
        package let count: UInt64
    }

    /// Full chunks have so many samples.
    private static let samplesPerChunk = 120
    /// Steps of the statistics of chunks.
    private static let steps = 10

    package let meta: BlockMeta
    /// Distinct label names.
    package let labelNames: Int
    /// Distinct label pairs.
    package let pairs: Int
    /// Label pairs of all series.
    package let pairEntries: Int
    /// Pairs by the part of the block's time that their series do not cover, added up in units of that time.
    package let churningPairs: [Figure]
    /// Names by the same.
    package let churningNames: [Figure]
    /// Pairs by their number of series.
    package let commonPairs: [Figure]
    /// Names by the bytes of all their values.
    package let longestValues: [Figure]
    /// Names by their number of values.
    package let mostValues: [Figure]
    /// Metrics by their number of series.
    package let largestMetrics: [Figure]
    /// Chunks by how full they are: up to 10 %, 20 %, … of 120 samples; nil when that was not asked for.
    package private(set) var chunksByFullness: [Int]?

    /// Reads the whole index of a block, and with `chunks` the head of every chunk. Keeps the `limit` largest of each list.
    package init(_ block: Block, limit: Int, chunks: Bool) throws(DurableError) {
        meta = block.meta
        let counts = try Counts(block, fullness: chunks)
        pairs = counts.keys.count
        pairEntries = counts.entries
        chunksByFullness = counts.fullness
        var cache = SymbolCache()
        func text(_ symbol: UInt32) throws(DurableError) -> String {
            String(decoding: try block.index.symbol(symbol, &cache), as: UTF8.self)
        }
        func pairFigures(_ all: [UInt64]) throws(DurableError) -> [Figure] {
            var figures: [Figure] = []
            for (key, count) in Self.largest(zip(counts.keys, all).map { ($0, $1) }, limit) {
                let name = try text(UInt32(key >> 32))
                figures.append(
                    Figure(subject: "\(name)=\(try text(UInt32(truncatingIfNeeded: key)))", count: count))
            }
            return figures
        }
        func nameFigures(_ all: [(UInt64, UInt64)]) throws(DurableError) -> [Figure] {
            var figures: [Figure] = []
            for (symbol, count) in Self.largest(all, limit) {
                figures.append(Figure(subject: try text(UInt32(symbol)), count: count))
            }
            return figures
        }
        let span = Double(max(1, meta.maxTime &- meta.minTime))
        func inBlocks(_ milliseconds: UInt64) -> UInt64 { UInt64(Double(milliseconds) / span) }
        churningPairs = try pairFigures(counts.uncovered.map(inBlocks))
        commonPairs = try pairFigures(counts.series)
        churningNames = try nameFigures(counts.uncoveredByName.map { (UInt64($0), inBlocks($1)) })
        var lengths: [Figure] = []
        var values: [Figure] = []
        var metrics: [Figure] = []
        for name in block.index.labelNames {
            let subject = String(decoding: name, as: UTF8.self)
            var bytes: UInt64 = 0
            var number: UInt64 = 0
            try block.index.forEachValue(of: subject) { value in
                bytes += UInt64(value.count)
                number += 1
            }
            lengths.append(Figure(subject: subject, count: bytes))
            values.append(Figure(subject: subject, count: number))
        }
        for name in counts.uncoveredByName.keys where try text(name) == Labels.metricName {
            for (key, count) in zip(counts.keys, counts.series) where UInt32(key >> 32) == name {
                metrics.append(Figure(subject: try text(UInt32(truncatingIfNeeded: key)), count: count))
            }
        }
        labelNames = lengths.count
        longestValues = Self.largest(lengths, limit)
        mostValues = Self.largest(values, limit)
        largestMetrics = Self.largest(metrics, limit)
    }

    private static func largest(_ figures: [Figure], _ limit: Int) -> [Figure] {
        let sorted = figures.sorted { $0.count != $1.count ? $0.count > $1.count : $0.subject < $1.subject }
        return Array(sorted.prefix(limit))
    }

    /// Keys are symbols, whose order is that of the texts.
    private static func largest(_ all: [(UInt64, UInt64)], _ limit: Int) -> ArraySlice<(UInt64, UInt64)> {
        all.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.prefix(limit)
    }

    /// What one walk over the series counts.
    private struct Counts {
        private var table = PairTable()
        /// Name and value symbol of each pair.
        var keys: [UInt64] = []
        var uncovered: [UInt64] = []
        var series: [UInt64] = []
        var uncoveredByName: [UInt32: UInt64] = [:]
        var entries = 0
        var fullness: [Int]?

        init(_ block: Block, fullness wanted: Bool) throws(DurableError) {
            if wanted { fullness = [Int](repeating: 0, count: steps) }
            let meta = block.meta
            var stored = StoredSeries()
            for id in try block.index.allSeries() {
                try block.index.read(id, into: &stored)
                let covered = (stored.chunks.last?.maxTime ?? 0) &- (stored.chunks.first?.minTime ?? 0)
                add(stored.labels, uncovered: UInt64(max(0, meta.maxTime &- meta.minTime &- covered)))
                guard wanted else { continue }
                for chunk in stored.chunks {
                    let samples = try block.chunks.withChunk(chunk.ref) { (encoding, data) throws(DurableError) in
                        ChunkEncoding.sampleCount(encoding, data)
                    }
                    let step = (min(samples, samplesPerChunk) * steps + samplesPerChunk - 1) / samplesPerChunk
                    fullness?[max(0, step - 1)] += 1
                }
            }
        }

        private mutating func add(_ labels: [UInt32], uncovered time: UInt64) {
            for index in stride(from: 0, to: labels.count - 1, by: 2) {
                let pair = table.findOrAdd(labels[index], labels[index + 1], UInt32(keys.count))
                if Int(pair) == keys.count {
                    keys.append(UInt64(labels[index]) << 32 | UInt64(labels[index + 1]))
                    uncovered.append(0)
                    series.append(0)
                }
                uncovered[Int(pair)] += time
                series[Int(pair)] += 1
                uncoveredByName[labels[index], default: 0] += time
                entries += 1
            }
        }
    }
}
