import Durable
import Logging
import MartletCore

/// Fills a head from the write-ahead log at start: the newest checkpoint, then the segments after it.
struct Replay {
    let logger: Logger
    /// Chunks that files have, by the log's reference.
    private let chunks: [UInt64: (address: ChunkAddress, last: Int64)]
    private let outOfOrderChunks: [(series: UInt64, address: ChunkAddress)]
    /// References in the log whose labels were already known under another one.
    private(set) var aliases: [UInt64: SeriesRef] = [:]
    /// The newest metadata of each family.
    private(set) var metadata: [String: MetadataTable.Known] = [:]
    private var unknown = 0
    private var malformed = 0
    private var unread = 0
    private var samples = 0

    init(logger: Logger, chunks: HeadChunkFiles.Content) {
        self.logger = logger
        self.chunks = chunks.newest
        outOfOrderChunks = chunks.outOfOrder
    }

    /// Replays everything; damage is repaired, reported and passed over.
    mutating func run(
        _ log: RecordLog, outOfOrder: RecordLog?, into head: inout Head, on fileSystem: any FileSystem
    ) throws {
        var first = 0
        var reports: [ReplayReport] = []
        let segments = try log.segments()
        if let checkpoint = try CheckpointName.list(log.directory, on: fileSystem).last {
            let path = FilePath.join(log.directory, CheckpointName.format(checkpoint))
            logger.info("replaying checkpoint", metadata: ["checkpoint": "\(checkpoint)"])
            let source = try RecordLog(path, options: log.options, on: fileSystem)
            reports.append(try replay(source, from: 0, upTo: .max, &head))
            first = checkpoint + 1
        }
        for segment in segments where segment >= first {
            let report = try replay(log, from: segment, upTo: segment, &head)
            reports.append(report)
            logger.info(
                "replayed write-ahead log segment",
                metadata: [
                    "segment": "\(segment)", "last": "\(segments.last ?? segment)", "records": "\(report.records)",
                    "series": "\(head.table.count)",
                ])
        }
        head.finishRestoring()
        try runOutOfOrder(outOfOrder, &head, &reports)
        // Series of which the blocks have all samples.
        head.drop(before: head.minTime)
        finish(reports, head)
    }

    /// Takes in the samples that came out of order: those of head chunks, which another writer left, and those of the log.
    private mutating func runOutOfOrder(
        _ log: RecordLog?, _ head: inout Head, _ reports: inout [ReplayReport]
    ) throws {
        for chunk in outOfOrderChunks { head.restoreOutOfOrder(series(chunk.series), chunk.address) }
        guard let log else { return }
        // The closure cannot hold `self` and `head` inout at once: take the state out for its time.
        var state = self
        reports.append(
            try log.replay { record, _ in
                do throws(ByteCursorError) {
                    switch LogDecoder.kind(record) {
                    case .samples, .startTimeSamples:
                        // What is before a malformed end counts.
                        var late: [(ref: SeriesRef, time: Int64, value: UInt64)] = []
                        defer { state.insert(late, &head) }
                        try LogDecoder.samples(record) { late.append((state.series($0), $1, $2)) }
                    case .histograms, .floatHistograms, .customHistograms, .customFloatHistograms,
                        .startTimeHistograms, .startTimeFloatHistograms:
                        let isFloat = LogDecoder.kind(record)?.hasFloatCounts ?? false
                        try LogDecoder.histograms(record) { state.insert($0, $1, $2, isFloat, &head) }
                    case .headChunkMarkers: break
                    default: state.unread += 1
                    }
                } catch {
                    state.malformed += 1
                }
            })
        self = state
    }

    private mutating func insert(_ late: [(ref: SeriesRef, time: Int64, value: UInt64)], _ head: inout Head) {
        let known = late.filter { head.table.contains($0.ref) }
        unknown += late.count - known.count
        samples += head.insertOutOfOrder(known)
    }

    private mutating func insert(
        _ ref: UInt64, _ time: Int64, _ raw: UnsafeRawBufferPointer, _ isFloat: Bool, _ head: inout Head
    ) {
        let series = series(ref)
        guard head.table.contains(series) else {
            unknown += 1
            return
        }
        guard let histogram = try? HistogramRecord.decode(raw, isFloat: isFloat) else {
            malformed += 1
            return
        }
        if head.insertOutOfOrder(series, time, histogram) { samples += 1 }
    }

    private mutating func replay(
        _ log: RecordLog, from first: Int, upTo last: Int, _ head: inout Head
    ) throws -> ReplayReport {
        // The closure cannot hold `self` and `head` inout at once: take the state out for its time.
        var state = self
        let report = try log.replay(from: first, upTo: last) { record, _ in state.take(record, &head) }
        self = state
        return report
    }

    private mutating func take(_ record: UnsafeRawBufferPointer, _ head: inout Head) {
        do throws(ByteCursorError) {
            switch LogDecoder.kind(record) {
            case .series: try LogDecoder.series(record) { restore($0, $1, &head) }
            case .samples, .startTimeSamples: try LogDecoder.samples(record) { append($0, $1, $2, &head) }
            case .tombstones: try LogDecoder.tombstones(record) { delete($0, $1, $2, &head) }
            case .exemplars:
                try LogDecoder.exemplars(record) {
                    let series = series($0)
                    // Blocks have the older ones.
                    if $1 >= head.minTime, head.table.contains(series), head.exemplars.accepts(series, $1, $2, $3) {
                        head.exemplars.add(series, $1, $2, $3)
                    }
                }
            case .metadata: try LogDecoder.metadata(record) { take($1, of: series($0), head) }
            case .headChunkMarkers: break
            case .histograms, .floatHistograms, .customHistograms, .customFloatHistograms, .startTimeHistograms,
                .startTimeFloatHistograms:
                let isFloat = LogDecoder.kind(record)?.hasFloatCounts ?? false
                try LogDecoder.histograms(record) { append($0, $1, $2, isFloat, &head) }
            case nil: unread += 1
            }
        } catch {
            malformed += 1
        }
    }

    private mutating func restore(_ ref: UInt64, _ labels: UnsafeRawBufferPointer, _ head: inout Head) {
        guard let number = UInt32(exactly: ref), number > 0 else {
            malformed += 1
            return
        }
        let known = head.restore(SeriesRef(raw: number), labels)
        if known == .none {
            malformed += 1
        } else if known.raw != number {
            aliases[ref] = known
        } else {
            // Logs of before have numbers that were given twice: the last one counts.
            aliases[ref] = nil
            if let newest = chunks[ref] { head.attach(known, newest.address, last: newest.last) }
        }
    }

    private mutating func append(_ ref: UInt64, _ time: Int64, _ value: UInt64, _ head: inout Head) {
        let series = series(ref)
        guard head.table.contains(series) else {
            if time >= head.minTime { unknown += 1 }
            return
        }
        // What was accepted when it was written is accepted now, unless a block has it; only the order within the
        // series counts.
        if head.append(series, time, value, floor: head.minTime) { samples += 1 }
    }

    private mutating func append(
        _ ref: UInt64, _ time: Int64, _ raw: UnsafeRawBufferPointer, _ isFloat: Bool, _ head: inout Head
    ) {
        let series = series(ref)
        guard head.table.contains(series) else {
            if time >= head.minTime { unknown += 1 }
            return
        }
        guard let histogram = try? HistogramRecord.decode(raw, isFloat: isFloat) else {
            malformed += 1
            return
        }
        if head.append(histogram, at: time, to: series, floor: head.minTime) { samples += 1 }
    }

    private mutating func take(_ record: MetadataRecord, of ref: SeriesRef, _ head: borrowing Head) {
        guard head.table.contains(ref) else { return }
        var metric = ""
        Labels.walk(head.table.labels(ref)) { name, value in
            if name.elementsEqual(Labels.metricName.utf8) { metric = String(decoding: value, as: UTF8.self) }
        }
        let (family, entry) = record.entry(metric: metric)
        metadata[family] = MetadataTable.Known(entry: entry, series: ref)
    }

    private func delete(_ ref: UInt64, _ start: Int64, _ end: Int64, _ head: inout Head) {
        if start <= end { head.restoreDeletion(series(ref), start...end) }
    }

    private func series(_ ref: UInt64) -> SeriesRef {
        let number = UInt32(exactly: ref).map(SeriesRef.init(raw:)) ?? .none
        return aliases.isEmpty ? number : aliases[ref] ?? number
    }

    private func finish(_ reports: [ReplayReport], _ head: borrowing Head) {
        for damage in reports.flatMap(\.damage) {
            logger.warning("the write-ahead log is damaged", metadata: ["detail": "\(damage)"])
        }
        if unknown > 0 {
            logger.warning("samples of unknown series were passed over", metadata: ["samples": "\(unknown)"])
        }
        if malformed > 0 {
            logger.error("malformed log records were passed over", metadata: ["records": "\(malformed)"])
        }
        if unread > 0 {
            logger.warning(
                "log records of unknown kinds were passed over",
                metadata: ["records": "\(unread)"])
        }
        logger.info(
            "write-ahead log replayed",
            metadata: [
                "series": "\(head.table.count)", "samples": "\(samples)",
                "bytes": "\(reports.reduce(0) { $0 + $1.bytes })",
            ])
    }
}
