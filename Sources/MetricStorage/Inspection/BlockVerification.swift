import Durable
import MartletCore

/// Checks a block: every checksum, length and order that its formats promise, that the index names each chunk where it
/// is and nothing else, and that the description counts what is there.
struct BlockVerification {
    private let directory: String
    private let fileSystem: any FileSystem
    private var stats = BlockMeta.Stats()
    /// Where each segment's next chunk must begin; nil behind one that cannot be read.
    private var segmentEnds: [Int: Int?] = [:]
    /// Whether something could not be read, and counts say nothing.
    private var isIncomplete = false
    private var postings = PostingsBuilder()
    private var verification = ChunkVerification()

    init(_ directory: String, on fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    mutating func run(
        _ counts: inout DirectoryVerification.Counts, report: (DirectoryVerification.Problem) -> Void
    ) {
        counts.blocks += 1
        do throws(DurableError) {
            let block = try Block(directory, on: fileSystem)
            if block.meta.id.description != FilePath.name(of: directory) {
                report(.init(directory, "the description is that of block \(block.meta.id)"))
            }
            checkSymbols(block, report)
            try checkSeries(block, report)
            try checkSegments(block, report)
            try checkPostings(block, report)
            if !isIncomplete { checkStats(block, report) }
            checkExemplars(block, report)
        } catch {
            report(.init(error))
        }
        counts.series += Int(stats.series)
        counts.chunks += Int(stats.chunks)
        counts.samples += stats.samples
    }

    private func checkSymbols(_ block: Block, _ report: (DirectoryVerification.Problem) -> Void) {
        var walk = block.index.symbols()
        var previous: [UInt8] = []
        while walk.advance() {
            let symbol = walk.withCurrent { Array($0) }
            if walk.number > 0, !previous.lexicographicallyPrecedes(symbol) {
                report(.init(block.index.path, "symbol \(walk.number) does not come after the one before it"))
            }
            previous = symbol
        }
    }

    // MARK: Series and chunks

    private mutating func checkSeries(
        _ block: Block, _ report: (DirectoryVerification.Problem) -> Void
    ) throws(DurableError) {
        var series = StoredSeries()
        var labels: [UInt32] = []
        var lastID: UInt32?
        for id in try block.index.allSeries() {
            if let lastID, lastID >= id { report(.init(block.index.path, "the list of all series is not ascending")) }
            lastID = id
            do throws(DurableError) {
                try block.index.read(id, into: &series)
            } catch {
                report(.init(error))
                isIncomplete = true
                // Where its chunks are is not known.
                for segment in segmentEnds.keys { segmentEnds[segment] = .some(nil) }
                continue
            }
            stats.series += 1
            if let fault = Self.fault(series.labels, after: labels, block.index.symbolCount) {
                report(.init(block.index.path, "series \(id): \(fault)"))
            }
            labels = series.labels
            postings.add(id, series.labels)
            checkChunks(series, block, report)
        }
        let strangers = Set(block.tombstones.bySeries.keys).subtracting(postings.all.map(UInt64.init))
        for id in strangers.sorted() {
            report(.init(FilePath.join(directory, Tombstones.fileName), "series \(id) is not in the index"))
        }
    }

    private static func fault(_ labels: [UInt32], after previous: [UInt32], _ symbols: Int) -> String? {
        if labels.contains(where: { $0 >= symbols }) { return "a label names no symbol" }
        for index in stride(from: 2, to: labels.count - 1, by: 2) where labels[index] <= labels[index - 2] {
            return "label names are not ascending"
        }
        return previous.isEmpty || previous.lexicographicallyPrecedes(labels)
            ? nil : "it does not come after the series before it"
    }

    private mutating func checkChunks(
        _ series: StoredSeries, _ block: Block, _ report: (DirectoryVerification.Problem) -> Void
    ) {
        let meta = block.meta
        var end: Int64?
        for chunk in series.chunks {
            if let end, chunk.minTime <= end {
                report(.init(block.index.path, "series \(series.id): chunks overlap at \(chunk.minTime)"))
            }
            end = chunk.maxTime
            if chunk.minTime < meta.minTime || chunk.maxTime >= meta.maxTime && meta.maxTime != .max {
                report(
                    .init(
                        block.index.path,
                        "series \(series.id): a chunk of \(chunk.minTime)…\(chunk.maxTime) lies outside the block's times"
                    ))
            }
            do throws(DurableError) {
                try check(chunk, block.chunks, report)
            } catch {
                report(.init(error))
                isIncomplete = true
                segmentEnds[Int(chunk.ref >> 32)] = .some(nil)
            }
        }
    }

    private mutating func check(
        _ chunk: StoredChunk, _ chunks: ChunkSegments, _ report: (DirectoryVerification.Problem) -> Void
    ) throws(DurableError) {
        let (segment, offset) = (Int(chunk.ref >> 32), Int(chunk.ref & 0xFFFF_FFFF))
        if let expected = segmentEnds[segment, default: ChunkSegmentWriter.headerSize], offset != expected {
            report(.init(chunks.corrupt(chunk.ref, "the chunk does not begin where the one before it ends")))
        }
        let (encoding, samples, length) = try chunks.withChunk(chunk.ref) { (encoding, data) throws(DurableError) in
            (encoding, ChunkEncoding.sampleCount(encoding, data), data.count)
        }
        var prefix = ByteWriter()
        prefix.uvarint(UInt64(length))
        segmentEnds[segment] = offset + prefix.count + 1 + length + 4
        stats.chunks += 1
        stats.samples += UInt64(samples)
        if ChunkEncoding.isHistogram(encoding) { stats.histogramSamples += UInt64(samples) }
        var verification = verification
        let fault = try chunks.withChunk(chunk.ref) { (encoding, data) throws(DurableError) in
            verification.fault(encoding, data, from: chunk.minTime, to: chunk.maxTime)
        }
        self.verification = verification
        if let fault { report(.init(chunks.corrupt(chunk.ref, fault))) }
    }

    /// Reports bytes behind the last chunk of a segment, and segments without chunks.
    private func checkSegments(
        _ block: Block, _ report: (DirectoryVerification.Problem) -> Void
    ) throws(DurableError) {
        let path = FilePath.join(directory, Block.chunkDirectory)
        for (segment, name) in try fileSystem.list(path).enumerated() {
            let size = try fileSystem.status(FilePath.join(path, name)).size
            guard let end = segmentEnds[segment, default: ChunkSegmentWriter.headerSize] else { continue }
            if size != Int64(end) {
                report(
                    .init(
                        FilePath.join(path, name), "\(size - Int64(end)) bytes from offset \(end) on belong to no chunk"
                    ))
            }
        }
    }

    private func checkExemplars(_ block: Block, _ report: (DirectoryVerification.Problem) -> Void) {
        let file: ExemplarFile
        do throws(DurableError) {
            guard let found = try block.exemplars.get() else { return }
            file = found
        } catch {
            return report(.init(error))
        }
        let known = Set(postings.all)
        for group in 0..<file.count {
            let series = file.series(group)
            if !known.contains(series) { report(.init(file.path, "series \(series) is not in the index")) }
            if group > 0, file.series(group - 1) >= series { report(.init(file.path, "the series are not ascending")) }
            do throws(DurableError) {
                let exemplars = try file.exemplars(group)
                if !exemplars.allSatisfy({ file.times.contains($0.time) }) {
                    report(.init(file.path, "series \(series): an exemplar lies outside the times of the file"))
                }
            } catch {
                report(.init(error))
            }
        }
    }

    // MARK: Postings and description

    /// Compares the lists of the index with what the series' labels say.
    private func checkPostings(
        _ block: Block, _ report: (DirectoryVerification.Problem) -> Void
    ) throws(DurableError) {
        let index = block.index
        var cache = SymbolCache()
        var stored: [(name: [UInt8], value: [UInt8], offset: Int)] = []
        for name in index.names {
            try index.forEachValue(of: name, prefix: []) { (value, offset) throws(DurableError) in
                stored.append((name.bytes, Array(value), offset))
                return true
            }
        }
        var next = 0
        try postings.forEach { (name, value, series) throws(DurableError) in
            let (name, value) = (try index.symbol(name, &cache), try index.symbol(value, &cache))
            let label = String(decoding: name, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self)
            guard next < stored.count, stored[next].name == name, stored[next].value == value else {
                report(.init(index.path, "the list of the series with \(label) is missing or in the wrong place"))
                return
            }
            do throws(DurableError) {
                if try index.postings(at: stored[next].offset) != Array(series) {
                    report(.init(index.path, "the list of the series with \(label) does not name those that have it"))
                }
            } catch {
                report(.init(error))
            }
            next += 1
        }
        if next < stored.count {
            report(.init(index.path, "\(stored.count - next) lists are of labels that no series has"))
        }
    }

    private func checkStats(_ block: Block, _ report: (DirectoryVerification.Problem) -> Void) {
        let told = block.meta.stats
        let path = FilePath.join(directory, BlockMeta.fileName)
        for (name, told, found) in [
            ("series", told.series, stats.series), ("chunks", told.chunks, stats.chunks),
            ("samples", told.samples, stats.samples),
        ] where told != found {
            report(.init(path, "it tells of \(told) \(name), there are \(found)"))
        }
    }
}
