import MartletCore

/// The series in memory: their labels, index and chunks. Pure state without clock, disk or lock; `MetricStore` wraps
/// it in all three.
struct Head: ~Copyable {
    /// Times are cut into chunks at multiples of this, as Prometheus' blocks are.
    static let blockMs: Int64 = 2 * 3600 * 1000
    /// A sample may be this much older than the newest of all series.
    static let acceptanceMs = blockMs / 2
    /// Bytes of memory of a chunk that is nearly full: 4 bytes a sample are more than usual.
    private static let usualChunk = 512

    private(set) var table = SeriesTable()
    private(set) var index = LabelIndex()
    var arena = ChunkArena()
    /// The chunks of native histograms that are being filled.
    var histograms: [SeriesRef: HistogramChunk] = [:]
    /// Samples that came later than their place.
    var outOfOrder = OutOfOrderTable()
    /// How much older than the newest sample those may be, in milliseconds; 0 takes none.
    var outOfOrderWindow: Int64 = 0
    /// Bytes that those may take; more are refused until blocks have some of them.
    var outOfOrderLimit = Int.max
    /// The newest exemplars.
    var exemplars = ExemplarRing(capacity: 100_000)
    /// Time of the newest sample.
    var maxTime = Int64.min
    /// Samples before this time are not answered any more, since a block has them; some may still lie in memory.
    private(set) var minTime = Int64.min
    /// No sample is older than this; the maximum without samples.
    var oldest = Int64.max
    /// What was deleted by series.
    private(set) var deleted: [SeriesRef: DeletedTimes] = [:]
    /// Bytes of the chunks being filled.
    var openMemory = 0
    /// Samples taken since the start.
    var samplesAppended = 0
    /// Series dropped since the start.
    private(set) var seriesDropped = 0
    /// Whether a batch whose series were found is still on its way into the log. Its series must outlive that time, also
    /// those that have no sample yet.
    private var awaitsBatch = false
    /// Whether empty series are to be dropped once that batch is here.
    private var owesDrop = false

    /// Bytes of memory held.
    var memory: Int {
        table.memory + index.memory + arena.memory + openMemory + outOfOrder.memory + exemplars.memory
    }

    /// Bytes by which the chunks being filled will grow, about, until those of all series are full.
    var expectedGrowth: Int { max(0, table.count * Self.usualChunk - openMemory) }

    /// Samples before this time are rejected as out of bounds.
    var acceptedFrom: Int64 {
        // The earliest times there are have nothing before them that could be too old.
        let (oldest, underflow) = maxTime.subtractingReportingOverflow(Self.acceptanceMs)
        return underflow ? minTime : max(minTime, oldest)
    }

    // MARK: Series

    /// Makes the series with these labels, which is known to be missing. Nil when the numbers have run out.
    mutating func add(_ labels: UnsafeRawBufferPointer, hash: UInt64) -> SeriesRef? {
        guard let ref = table.add(labels, hash: hash) else { return nil }
        index.add(ref, labels)
        return ref
    }

    /// Adds a series under the number that the log gives it; another number when the labels are known under that.
    mutating func restore(_ ref: SeriesRef, _ labels: UnsafeRawBufferPointer) -> SeriesRef {
        // A number that stands for another is taken as well: no new series may get it.
        table.reserve(upTo: ref)
        let hash = Hash64.hash(labels)
        if let known = table.find(labels, hash: hash) { return known }
        if table.contains(ref) { return .none }
        table.add(ref, labels, hash: hash)
        index.add(ref, labels)
        return ref
    }

    /// To be called before a replay: the closed chunks that files have, of which no series has taken any yet, and the
    /// highest number of a series in them, up to which no new one gets its number.
    mutating func begin(with chunks: ChunkArena, lastSeries: UInt32) {
        arena = chunks
        table.reserve(upTo: SeriesRef(raw: lastSeries))
    }

    /// Gives a series the closed chunks that end with this one. Samples that they hold are not appended again.
    mutating func attach(_ ref: SeriesRef, _ newest: ChunkAddress, last: Int64) {
        guard let record = table.record(ref), record.pointee.chunk.lastTime < last else { return }
        record.pointee.closed = newest
        record.pointee.chunk.note(last)
        maxTime = max(maxTime, last)
        arena.walkTimes(newest, from: minTime) { first, _ in oldest = min(oldest, max(first, minTime)) }
    }

    /// To be called when a replay has restored all series.
    mutating func finishRestoring() {
        index.sort()
        // The last value of a series all of whose samples are in closed chunks is not known yet.
        table.forEach { _, record in
            guard record.chunk.isEmpty, !record.hasHistogram, arena.holds(record.closed) else { return }
            arena.walk(record.closed, from: record.chunk.lastTime) { entry, bytes in
                guard entry.encoding == ChunkEncoding.xor, entry.last == record.chunk.lastTime else { return }
                var (times, values): ([Int64], [Double]) = ([], [])
                ChunkDecoder.decode(bytes, from: entry.last, to: entry.last, times: &times, values: &values)
                if let value = values.last { record.chunk.note(entry.last, value.bitPattern) }
            }
        }
    }

    /// To be called before the series of a batch are found: until `endBatch` no series goes.
    mutating func beginBatch() { awaitsBatch = true }

    /// To be called when the samples of the batch are here, or when they will not come.
    mutating func endBatch() {
        awaitsBatch = false
        if owesDrop { dropEmptySeries() }
    }

    // MARK: Reading

    /// Series that pass the matchers and may have samples in the times, ascending; any when `goesOn` says no.
    func select(
        _ matchers: [Matcher], from start: Int64, to end: Int64, while goesOn: () -> Bool = { true }
    ) -> [SeriesRef] {
        let found = index.select(matchers, while: goesOn)
        var refs: [SeriesRef] = []
        refs.reserveCapacity(found.count)
        for (index, number) in found.enumerated() {
            if index + 8 < found.count { table.prefetchRecord(of: SeriesRef(raw: found[index + 8])) }
            let ref = SeriesRef(raw: number)
            guard hasSamples(ref, from: start, to: end) else { continue }
            let isDeleted =
                !deleted.isEmpty && !outOfOrder.contains(ref)
                && (deleted[ref]?.covers(max(start, minTime), min(end, maxTime)) ?? false)
            if !isDeleted { refs.append(ref) }
        }
        return refs
    }

    /// Asks for what series behind one place of a list lead to, in steps, since each leads to the one after it.
    func prefetch(_ refs: [SeriesRef], after index: Int, chunks: Bool) {
        if index + 16 < refs.count { table.prefetchRecord(of: refs[index + 16]) }
        if index + 4 < refs.count { table.prefetchContents(of: refs[index + 4]) }
        guard chunks else { return }
        for before in 0..<3 where index + 12 - 4 * before < refs.count {
            guard let record = table.record(refs[index + 12 - 4 * before]) else { continue }
            arena.prefetch(record.pointee.closed, before: before)
        }
    }

    /// Whether a series is alive and may have samples in the times, in whatever order they came.
    func hasSamples(_ ref: SeriesRef, from start: Int64, to end: Int64) -> Bool {
        hasOrderedSamples(ref, from: start, to: end) || outOfOrder.overlaps(ref, start, end)
    }

    /// Whether a series is alive and may have samples in the times that came in order.
    func hasOrderedSamples(_ ref: SeriesRef, from start: Int64, to end: Int64) -> Bool {
        let start = max(start, minTime)
        guard let record = table.record(ref)?.pointee, record.chunk.lastTime >= start, start <= end else {
            return false
        }
        if !record.chunk.isEmpty, record.chunk.firstTime <= end { return true }
        if record.hasHistogram, let chunk = histograms[ref], chunk.firstTime <= end { return true }
        var found = false
        arena.walkTimes(record.closed, from: start) { first, _ in found = found || first <= end }
        return found
    }

    // MARK: Cutting

    /// The times that are due to become a block: the oldest grid cell with samples, once it is so old that no sample
    /// can come any more that belongs there. Nil when there is none.
    func dueCut() -> Range<Int64>? {
        guard oldest < maxTime else { return nil }
        let (span, overflow) = maxTime.subtractingReportingOverflow(max(oldest, minTime))
        guard overflow || span > Self.blockMs + Self.acceptanceMs else { return nil }
        let start = max(oldest, minTime)
        let end = Self.blockEnd(start)
        guard end <= acceptedFrom else { return nil }
        let (begin, underflow) = end.subtractingReportingOverflow(Self.blockMs)
        return max(minTime, underflow ? .min : begin)..<end
    }

    /// Visits a series' chunks with samples in the times from the oldest on, the one being filled included. Chunks end
    /// at the grid, so that in a cell of the grid they lie whole. The bytes live for the call only.
    func forEachChunk(
        _ ref: SeriesRef, from start: Int64, to end: Int64,
        _ visit: (_ encoding: UInt8, _ first: Int64, _ last: Int64, UnsafeRawBufferPointer) -> Void
    ) {
        guard let record = table.record(ref)?.pointee else { return }
        var found: [(ChunkSlab.Entry, UnsafeRawBufferPointer)] = []
        arena.walk(record.closed, from: start) { if $0.first <= end { found.append(($0, $1)) } }
        for (entry, bytes) in found.reversed() { visit(entry.encoding, entry.first, entry.last, bytes) }
        let open = record.chunk
        if !open.isEmpty, open.firstTime <= end, open.lastTime >= start {
            visit(ChunkEncoding.xor, open.firstTime, open.lastTime, open.bytes)
        }
        if record.hasHistogram, let chunk = histograms[ref], chunk.firstTime <= end, chunk.lastTime >= start {
            chunk.bytes.withUnsafeBytes { visit(chunk.encoding, chunk.firstTime, chunk.lastTime, $0) }
        }
    }

    // MARK: Deleting

    /// Deletes a series' samples within the times that came in order, and gives the interval that this comes down to; nil when
    /// there are none. Samples that come later are not touched, but for those that then come late.
    mutating func delete(_ ref: SeriesRef, from start: Int64, to end: Int64) -> ClosedRange<Int64>? {
        guard let last = last(ref), hasOrderedSamples(ref, from: start, to: end) else { return nil }
        let first = max(start, minTime)
        let interval = first...max(first, min(end, last.time))
        deleted[ref, default: DeletedTimes()].add(interval)
        return interval
    }

    /// Takes over a deletion that the log has.
    mutating func restoreDeletion(_ ref: SeriesRef, _ interval: ClosedRange<Int64>) {
        guard table.contains(ref), interval.upperBound >= minTime else { return }
        deleted[ref, default: DeletedTimes()].add(interval)
    }

    // MARK: Dropping

    /// Starts with what the blocks leave to the head: samples from `time` on.
    mutating func begin(at time: Int64) { minTime = max(minTime, time) }

    /// Forgets samples before `time`: whole slabs of chunks, and the series that have nothing later.
    mutating func drop(before time: Int64) {
        minTime = max(minTime, time)
        oldest = max(oldest, minTime)
        arena.drop(before: time)
        dropEmptySeries()
    }

    /// Looks for the oldest sample there is: after a gap in time the next is much later than where the last cut ended.
    mutating func findOldest() {
        var found = Int64.max
        table.forEach { _, record in
            if !record.chunk.isEmpty, record.chunk.lastTime >= minTime { found = min(found, record.chunk.firstTime) }
            arena.walkTimes(record.closed, from: minTime) { first, _ in found = min(found, first) }
        }
        for chunk in histograms.values where chunk.lastTime >= minTime { found = min(found, chunk.firstTime) }
        oldest = max(found, minTime)
    }

    /// Drops the series whose last sample is before `minTime`; while a batch is on its way, when that is here.
    private mutating func dropEmptySeries() {
        owesDrop = awaitsBatch
        if awaitsBatch { return }
        var gone: [SeriesRef] = []
        let floor = minTime
        table.forEach { ref, record in
            if record.chunk.lastTime < floor, !outOfOrder.contains(ref) { gone.append(ref) }
        }
        for ref in gone {
            openMemory -= table.record(ref)?.pointee.chunk.memory ?? 0
            if let chunk = histograms.removeValue(forKey: ref) { openMemory -= chunk.memory }
            exemplars.forget(ref)
            table.drop(ref)
            deleted[ref] = nil
        }
        seriesDropped += gone.count
        // Rebuilding costs a pass over all series: wait until it frees a good part.
        if table.dropped > 1000 + table.count / 4 { compact() }
    }

    private mutating func compact() {
        // The old index goes before the new one is built, so that there is never memory for both.
        index = LabelIndex()
        table.compact()
        table.forEach { ref, record in index.add(ref, table.labels(ref)) }
    }
}
