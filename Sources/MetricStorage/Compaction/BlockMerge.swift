import Durable
import MartletCore

/// Merges blocks into one, series by series: nothing but the index of what is written grows in memory.
///
/// Chunks are copied as they are, native histograms included. Where chunks of a series overlap, their samples are
/// merged and written anew; where samples were deleted, they are left out. A chunk that this version cannot decode is
/// copied whole, its deletions stay beside it as tombstones; two different ones that overlap are an error.
struct BlockMerge {
    /// A block being read: its series in order, with symbols numbered as in the new block.
    private struct Source {
        let block: Block
        let tombstones: Tombstones
        /// Nil when there are none, or none that can be read.
        var exemplars: ExemplarFile?
        let series: [UInt32]
        var next = 0
        /// Number in the new block of each symbol.
        var numbers: [UInt32] = []
        var current = StoredSeries()
        var labels: [UInt32] = []
        /// Where each rule of retention says what becomes of which series.
        private var expiring: SeriesExpiry.Cursor

        init(_ block: Block, _ expiry: SeriesExpiry) throws(DurableError) {
            self.block = block
            exemplars = try? block.exemplars.get()
            tombstones = block.tombstones
            try Self.verify(block, exemplars)
            series = try block.index.allSeries()
            expiring = try expiry.cursor(over: block.index)
        }

        /// Fails when some of the files cannot be had.
        func verify() throws(DurableError) { try Self.verify(block, exemplars) }

        private static func verify(_ block: Block, _ exemplars: ExemplarFile?) throws(DurableError) {
            try exemplars?.verify()
            try block.index.verify()
            try block.chunks.verify()
        }

        /// The current series' samples before this time are expired.
        mutating func expiredBefore() -> Int64 { expiring.cutoff(of: current.id) }

        /// Reads the next series; false behind the last.
        mutating func advance() throws(DurableError) -> Bool {
            guard next < series.count else { return false }
            try block.index.read(series[next], into: &current)
            next += 1
            labels.removeAll(keepingCapacity: true)
            for symbol in current.labels {
                guard symbol < numbers.count else {
                    throw DurableError(
                        .corrupt, path: block.index.path, operation: "compact", message: "a series names no symbol")
                }
                labels.append(numbers[Int(symbol)])
            }
            return true
        }
    }

    /// A chunk of one of the sources.
    private struct Piece {
        let chunk: StoredChunk
        let source: Int
    }

    private var sources: [Source]
    private var writer: BlockWriter
    private var tombstones = Tombstones()
    /// Chunks that begin at other times are left out.
    private let times: ClosedRange<Int64>
    private let isCancelled: () -> Bool
    private let report: (DurableError) -> Void

    /// Writes what is in `blocks` as the block `meta` and publishes it in `directory`: of the chunks within `times`, none
    /// of which may reach over their ends, those that are not expired. False, and nothing published, when nothing is left.
    /// Asks `isCancelled` now and then and throws `.closed` when it says so. Exemplars that cannot be read are reported and
    /// left out.
    static func write(
        _ blocks: [Block], as meta: BlockMeta, within times: ClosedRange<Int64> = .min ... .max,
        expiry: SeriesExpiry = SeriesExpiry(), in directory: String, on fileSystem: any FileSystem,
        report: @escaping (DurableError) -> Void = { _ in }, isCancelled: @escaping () -> Bool = { false }
    ) throws(DurableError) -> Bool {
        var merge = try BlockMerge(blocks, meta.id, times, expiry, directory, fileSystem, report, isCancelled)
        do throws(DurableError) {
            try merge.mergeSymbols()
            try merge.mergeSeries()
            // Before what was written takes the place of the sources.
            for source in merge.sources { try source.verify() }
            return try merge.writer.publish(meta, merge.tombstones)
        } catch {
            merge.writer.abandon()
            throw error
        }
    }

    private init(
        _ blocks: [Block], _ id: BlockID, _ times: ClosedRange<Int64>, _ expiry: SeriesExpiry, _ directory: String,
        _ fileSystem: any FileSystem, _ report: @escaping (DurableError) -> Void, _ isCancelled: @escaping () -> Bool
    ) throws(DurableError) {
        var sources: [Source] = []
        for block in blocks {
            if case .failure(let error) = block.exemplars { report(error) }
            sources.append(try Source(block, expiry))
        }
        self.sources = sources
        self.report = report
        self.times = times
        self.isCancelled = isCancelled
        writer = try BlockWriter(id, in: directory, on: fileSystem)
    }

    // MARK: Symbols

    private mutating func mergeSymbols() throws(DurableError) {
        var walks = sources.map { $0.block.index.symbols() }
        var live = walks.indices.filter { walks[$0].advance() }
        for index in sources.indices { sources[index].numbers.reserveCapacity(sources[index].block.index.symbolCount) }
        while var least = live.first {
            for index in live.dropFirst() where Self.compare(walks[index], walks[least]) < 0 { least = index }
            // A copy of what is the same in other sources must be found before the walk of the least moves on.
            let same = live.filter { Self.compare(walks[$0], walks[least]) == 0 }
            let number = try walks[least].withCurrent { (symbol) throws(DurableError) in try writer.addSymbol(symbol) }
            for index in same {
                sources[index].numbers.append(number)
                if !walks[index].advance() { live.removeAll { $0 == index } }
            }
        }
        try writer.finishSymbols()
    }

    private static func compare(_ a: SymbolWalk, _ b: SymbolWalk) -> Int {
        a.withCurrent { x in b.withCurrent { y in Bytes.compare(x, y) } }
    }

    // MARK: Series

    private mutating func mergeSeries() throws(DurableError) {
        var live: [Int] = []
        for index in sources.indices where try sources[index].advance() { live.append(index) }
        var pieces: [Piece] = []
        var written = 0
        while var least = live.first {
            if written % 1024 == 0 {
                if isCancelled() {
                    throw DurableError(.closed, path: "", operation: "compact", message: "stopped before its end")
                }
                // Else all that is merged counts as memory of this process until it is done.
                for source in sources { source.block.chunks.letGoOfPages() }
            }
            written += 1
            for index in live.dropFirst()
            where sources[index].labels.lexicographicallyPrecedes(sources[least].labels) { least = index }
            let labels = sources[least].labels
            let same = live.filter { sources[$0].labels == labels }
            pieces.removeAll(keepingCapacity: true)
            for index in same {
                let cutoff = sources[index].expiredBefore()
                for chunk in sources[index].current.chunks
                where times.contains(chunk.minTime) && chunk.maxTime >= cutoff {
                    pieces.append(Piece(chunk: chunk, source: index))
                }
                addExemplars(of: index, from: cutoff)
            }
            try writeSeries(labels, &pieces)
            for index in same where try !sources[index].advance() { live.removeAll { $0 == index } }
        }
    }

    /// Takes along the exemplars of a source's current series that are neither deleted nor expired.
    private mutating func addExemplars(of index: Int, from cutoff: Int64) {
        guard let file = sources[index].exemplars else { return }
        let series = sources[index].current.id
        let deleted = sources[index].tombstones[UInt64(series)]
        do throws(DurableError) {
            writer.addExemplars(
                try file.exemplars(of: series).filter {
                    $0.time >= cutoff && times.contains($0.time) && !(deleted?.covers($0.time, $0.time) ?? false)
                })
        } catch {
            report(error)
        }
    }

    private mutating func writeSeries(_ labels: [UInt32], _ pieces: inout [Piece]) throws(DurableError) {
        pieces.sort { ($0.chunk.minTime, $0.chunk.maxTime) < ($1.chunk.minTime, $1.chunk.maxTime) }
        var kept = DeletedTimes()
        var start = 0
        while start < pieces.count {
            var end = start + 1
            var last = pieces[start].chunk.maxTime
            while end < pieces.count, pieces[end].chunk.minTime <= last {
                last = max(last, pieces[end].chunk.maxTime)
                end += 1
            }
            try write(pieces[start..<end], &kept)
            start = end
        }
        guard let series = try writer.finishSeries(labels) else { return }
        for interval in kept.intervals { tombstones.add(UInt64(series), interval) }
    }

    /// Writes chunks each of which overlaps one before it. What is left deleted in a chunk goes to `kept`.
    private mutating func write(_ pieces: ArraySlice<Piece>, _ kept: inout DeletedTimes) throws(DurableError) {
        let pieces = try withoutCopies(pieces)
        let isPlain = pieces.count == 1 && deleted(pieces[0]) == nil
        var isDecodable = !isPlain
        for piece in pieces where isDecodable { isDecodable = try isKnown(piece) }
        if !isDecodable {
            guard pieces.count == 1 else {
                throw DurableError(
                    .corrupt, path: sources[pieces[0].source].block.directory, operation: "compact",
                    message: "overlapping chunks of an unknown encoding cannot be merged")
            }
            return try copy(pieces[0], &kept)
        }
        var rewriter = ChunkRewriter()
        for piece in pieces {
            let chunks = sources[piece.source].block.chunks
            try chunks.withChunk(piece.chunk.ref) { (encoding, data) throws(DurableError) in
                let isSound = rewriter.add(encoding, data, without: deleted(piece))
                if !isSound { throw chunks.corrupt(piece.chunk.ref, "the chunk's samples are malformed") }
            }
        }
        try rewriter.encode { (encoding, first, last, data) throws(DurableError) in
            try writer.addChunk(encoding, data, from: first, to: last)
        }
    }

    /// Copies a chunk as it is, unless all of it is deleted.
    private mutating func copy(_ piece: Piece, _ kept: inout DeletedTimes) throws(DurableError) {
        if let deleted = deleted(piece) {
            if deleted.covers(piece.chunk.minTime, piece.chunk.maxTime) { return }
            for interval in deleted.intervals where interval.overlaps(piece.chunk.minTime...piece.chunk.maxTime) {
                kept.add(interval.clamped(to: piece.chunk.minTime...piece.chunk.maxTime))
            }
        }
        try sources[piece.source].block.chunks.withChunk(piece.chunk.ref) { (encoding, data) throws(DurableError) in
            try writer.addChunk(encoding, data, from: piece.chunk.minTime, to: piece.chunk.maxTime)
        }
    }

    /// Leaves out chunks that are byte for byte a copy of another and have nothing deleted.
    private func withoutCopies(_ pieces: ArraySlice<Piece>) throws(DurableError) -> [Piece] {
        guard pieces.count > 1 else { return Array(pieces) }
        var result: [Piece] = []
        for piece in pieces {
            if deleted(piece) == nil, let last = result.last, deleted(last) == nil, try isSame(last, piece) { continue }
            result.append(piece)
        }
        return result
    }

    private func isSame(_ a: Piece, _ b: Piece) throws(DurableError) -> Bool {
        guard a.chunk.minTime == b.chunk.minTime, a.chunk.maxTime == b.chunk.maxTime else { return false }
        return try sources[a.source].block.chunks.withChunk(a.chunk.ref) { (one, x) throws(DurableError) in
            try sources[b.source].block.chunks.withChunk(b.chunk.ref) { (other, y) throws(DurableError) in
                one == other && Bytes.equal(x, y)
            }
        }
    }

    private func isKnown(_ piece: Piece) throws(DurableError) -> Bool {
        try sources[piece.source].block.chunks.withChunk(piece.chunk.ref) { (encoding, _) throws(DurableError) in
            ChunkReader.knows(encoding)
        }
    }

    /// What was deleted from a piece; nil when nothing was.
    private func deleted(_ piece: Piece) -> DeletedTimes? {
        guard !sources[piece.source].tombstones.isEmpty,
            let deleted = sources[piece.source].tombstones[UInt64(sources[piece.source].current.id)],
            deleted.touches(piece.chunk.minTime, piece.chunk.maxTime)
        else { return nil }
        return deleted
    }
}
