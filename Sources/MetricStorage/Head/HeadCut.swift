import Durable
import MartletCore

/// Writes the head's samples of some times as a block, while the head goes on taking others.
///
/// The head's lock is held for some hundred series at a time. Chunks are copied as they are; only where samples were
/// deleted are they written anew.
struct HeadCut {
    private static let batch = 256

    /// Symbols of the series' names and values in turn, one series behind the other.
    private struct SeriesLabels {
        var symbols: [UInt32] = []
        var ends: [Int] = [0]
        var refs: [SeriesRef] = []

        subscript(index: Int) -> ArraySlice<UInt32> { symbols[ends[index]..<ends[index + 1]] }
    }

    /// Chunks that were copied out of the head.
    private struct Chunks {
        var bytes: [UInt8] = []
        var places: [(series: Int, encoding: UInt8, first: Int64, last: Int64, end: Int)] = []
        /// By series.
        var exemplars: [Int: [StoredExemplar]] = [:]
    }

    private let head: Lock<HeadBox>
    private let times: ClosedRange<Int64>
    /// The series whose exemplars were written: all up to the end of the times that no block had.
    private(set) var withExemplars: [SeriesRef] = []

    /// A cut of the samples in `times`.
    init(_ head: Lock<HeadBox>, _ times: ClosedRange<Int64>) {
        self.head = head
        self.times = times
    }

    /// Writes the block and publishes it in `directory`. False when there are no samples.
    mutating func write(
        _ meta: BlockMeta, in directory: String, on fileSystem: any FileSystem
    ) throws(DurableError) -> Bool {
        var symbols = SymbolTable()
        var series = gather(&symbols)
        guard !series.refs.isEmpty else { return false }
        var writer = try BlockWriter(meta.id, in: directory, on: fileSystem)
        do throws(DurableError) {
            let numbers = try writer.addSymbols(symbols)
            symbols = SymbolTable()
            for index in series.symbols.indices { series.symbols[index] = numbers[Int(series.symbols[index])] }
            // Symbols are numbered in order, so that comparing numbers is comparing labels.
            let order = series.refs.indices.sorted { series[$0].lexicographicallyPrecedes(series[$1]) }
            var done = 0
            while done < order.count {
                let some = order[done..<min(order.count, done + Self.batch)]
                let refs = some.map { series.refs[$0] }
                let chunks = try copyChunks(refs)
                withExemplars += chunks.exemplars.keys.map { refs[$0] }
                try write(chunks, some.map { Array(series[$0]) }, &writer)
                done += some.count
            }
            return try writer.publish(meta)
        } catch {
            writer.abandon()
            throw error
        }
    }

    /// The series with samples in the times, and the symbols of their labels.
    private func gather(_ symbols: inout SymbolTable) -> SeriesLabels {
        var result = SeriesLabels()
        var next: UInt32 = 1
        while true {
            let isDone = head.withLock { box in
                let last = box.head.table.lastRef.raw
                for _ in 0..<Self.batch where next <= last {
                    let ref = SeriesRef(raw: next)
                    next += 1
                    guard box.head.hasOrderedSamples(ref, from: times.lowerBound, to: times.upperBound) else {
                        continue
                    }
                    Labels.walk(box.head.table.labels(ref)) { name, value in
                        result.symbols.append(symbols.intern(name))
                        result.symbols.append(symbols.intern(value))
                    }
                    result.ends.append(result.symbols.count)
                    result.refs.append(ref)
                }
                return next > last
            }
            if isDone { return result }
        }
    }

    private func copyChunks(_ refs: [SeriesRef]) throws(DurableError) -> Chunks {
        try head.withLock { (box) throws(DurableError) in
            var chunks = Chunks()
            for (index, ref) in refs.enumerated() {
                let deleted = box.head.deleted[ref]
                let exemplars = box.head.exemplars.unstored(of: ref, to: times.upperBound).filter {
                    !(deleted?.covers($0.time, $0.time) ?? false)
                }
                if !exemplars.isEmpty { chunks.exemplars[index] = exemplars }
                box.head.forEachChunk(ref, from: times.lowerBound, to: times.upperBound) {
                    encoding, first, last, bytes in
                    func add(_ encoding: UInt8, _ first: Int64, _ last: Int64, _ bytes: UnsafeRawBufferPointer) {
                        chunks.bytes.append(contentsOf: bytes)
                        chunks.places.append((index, encoding, first, last, chunks.bytes.count))
                    }
                    guard let deleted, deleted.touches(first, last) else { return add(encoding, first, last, bytes) }
                    var rewriter = ChunkRewriter()
                    // A chunk of the head is sound; what could not be read would be kept whole.
                    guard rewriter.add(encoding, bytes, without: deleted) else {
                        return add(encoding, first, last, bytes)
                    }
                    rewriter.encode(add)
                }
            }
            try box.head.arena.verify(from: times.lowerBound)
            return chunks
        }
    }

    private func write(
        _ chunks: Chunks, _ labels: [[UInt32]], _ writer: inout BlockWriter
    ) throws(DurableError) {
        try Bytes.of(chunks.bytes) { (all) throws(DurableError) in
            var next = 0
            var start = 0
            for index in labels.indices {
                while next < chunks.places.count, chunks.places[next].series == index {
                    let place = chunks.places[next]
                    let data = UnsafeRawBufferPointer(rebasing: all[start..<place.end])
                    try writer.addChunk(place.encoding, data, from: place.first, to: place.last)
                    start = place.end
                    next += 1
                }
                if let exemplars = chunks.exemplars[index] { writer.addExemplars(exemplars) }
                try writer.finishSeries(labels[index])
            }
        }
    }
}
