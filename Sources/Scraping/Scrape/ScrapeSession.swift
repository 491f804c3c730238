import MartletCore
package import MetricStorage
import SampleMath
import Service
package import Wire

/// Turns the answers of one target into samples in the store: labels, relabelling, limits, staleness and the synthetic
/// series. Has no clock and no network; one thread at a time.
package struct ScrapeSession: Sendable {
    let target: Target
    let job: ScrapeConfig
    let store: MetricStore
    /// Whether a zero is stored at a count's start, where an answer tells it.
    let startsAtZero: Bool
    var cache = ScrapeCache()
    var batch = SampleBatch()
    /// Batch entry → cache entry, for the entries that were begun with labels.
    var pending: [(entry: Int, cached: Int)] = []
    var scrape: UInt32 = 1
    /// Hashes of the metadata lines of the answer before and of this one, so that only news reach the table.
    var knownMetadata: Set<UInt64> = []
    var metadataSoFar: Set<UInt64> = []
    var gathering = ClassicGathering()
    var exemplars: [ScrapedExemplar] = []
    private var reportRefs: [SeriesRef] = []

    /// A session without memory of earlier scrapes.
    package init(_ target: Target, _ job: ScrapeConfig, store: MetricStore, startsAtZero: Bool = false) {
        self.target = target
        self.job = job
        self.store = store
        self.startsAtZero = startsAtZero
    }

    /// Takes an answer. Limits and malformed answers fail the scrape as a whole: its series go stale.
    /// - Throws: what the store throws when it cannot write.
    package mutating func take(
        _ body: UnsafeRawBufferPointer, format: ScrapeFormat, timeMs: Int64, durationSeconds: Double
    ) throws -> ScrapeReport {
        var report = try attempt(body, format, timeMs)
        if report == nil {
            // A cached series was dropped by the store: its lines are parsed anew. Samples that were taken already
            // are repeated, which does no harm.
            cache.removeAll()
            report = try attempt(body, format, timeMs)
        }
        var final = report ?? ScrapeReport()
        final.durationSeconds = durationSeconds
        try finish(&final, timeMs)
        return final
    }

    /// Notes that the target gave no usable answer.
    package mutating func fail(
        _ failure: ScrapeFailure, timeMs: Int64, durationSeconds: Double
    ) throws -> ScrapeReport {
        var report = ScrapeReport()
        report.failure = failure
        report.durationSeconds = durationSeconds
        batch.removeAll()
        pending.removeAll(keepingCapacity: true)
        scrape += 1
        markStale(timeMs)
        _ = try store.append(&batch)
        try finish(&report, timeMs)
        return report
    }

    /// Ends the series of a target that is scraped no more. Those that have samples of this time or newer ones go on:
    /// the target came back, or moved with its labels.
    package mutating func end(timeMs: Int64) throws {
        batch.removeAll()
        scrape += 1
        markStale(timeMs)
        for ref in reportRefs { addStaleMarker(ref, timeMs) }
        _ = try store.append(&batch)
    }

    /// One pass over the answer; nil when it must be repeated because the store has forgotten a series.
    private mutating func attempt(
        _ body: UnsafeRawBufferPointer, _ format: ScrapeFormat, _ timeMs: Int64
    ) throws -> ScrapeReport? {
        var report = ScrapeReport()
        batch.removeAll()
        pending.removeAll(keepingCapacity: true)
        scrape += 1
        do {
            try parse(body, format, timeMs, &report)
        } catch let failure as ScrapeFailure {
            return try giveUp(failure, report, timeMs)
        } catch let error as WireError {
            return try giveUp(ScrapeFailure("\(error)"), report, timeMs)
        }
        markStale(timeMs)
        let result = try store.append(&batch)
        for (entry, cached) in pending { cache.update(cached) { $0.ref = batch.ref(entry) } }
        for rejected in result.rejected {
            switch rejected.reason {
            case .outOfOrder: report.outOfOrder += 1
            case .duplicate: report.duplicates += 1
            case .outOfBounds, .tooOld: report.outOfBounds += 1
            case .memoryLimit: report.refusedForMemory += 1
            case .unknownSeries: return nil
            case .seriesLimit, .labelLimit, .labelNameLimit, .labelValueLimit:
                if report.overLimits == 0 { report.limitReason = "\(rejected.reason)" }
                report.overLimits += 1
            // The labels of scraped series were checked before.
            case .duplicateLabel, .emptyLabelName, .invalidUTF8, .noMetricName: break
            }
        }
        cache.compact(keepingSeenSince: scrape)
        return report
    }

    /// Fails a scrape part of which was parsed: nothing of it is kept but the numbers of samples, and the series of the
    /// one before go stale.
    private mutating func giveUp(
        _ failure: ScrapeFailure, _ partial: ScrapeReport, _ timeMs: Int64
    ) throws -> ScrapeReport {
        var report = partial
        report.failure = failure
        report.added = 0
        let previous = scrape - 1
        batch.removeAll()
        for entry in cache.entries where entry.ref != .none && !entry.isDropped && !entry.hasOwnTime {
            guard entry.seen >= previous else { continue }
            addStaleMarker(entry.ref, timeMs)
        }
        _ = try store.append(&batch)
        // New entries have no series yet; all are parsed anew next time.
        cache.removeAll()
        return report
    }

    /// Marks the series of the scrape before that this one did not bring.
    private mutating func markStale(_ timeMs: Int64) {
        for entry in cache.entries where entry.seen == scrape - 1 && entry.ref != .none {
            guard !entry.isDropped, !entry.hasOwnTime else { continue }
            addStaleMarker(entry.ref, timeMs)
        }
    }

    /// A marker has its place behind all samples of the series only: it never goes among them, as late samples may.
    private mutating func addStaleMarker(_ ref: SeriesRef, _ timeMs: Int64) {
        batch.begin(ref: ref)
        batch.makeTentative()
        batch.add(timeMs, StaleNaN.value)
    }

    /// Writes the synthetic series.
    private mutating func finish(_ report: inout ScrapeReport, _ timeMs: Int64) throws {
        let values: [(String, Double)] = [
            ("up", report.failure == nil ? 1 : 0), ("scrape_duration_seconds", report.durationSeconds),
            ("scrape_samples_scraped", Double(report.scraped)),
            ("scrape_samples_post_metric_relabeling", Double(report.postRelabelling)),
            ("scrape_series_added", Double(report.added)),
        ]
        batch.removeAll()
        for (index, (name, value)) in values.enumerated() {
            if reportRefs.count == values.count {
                batch.begin(ref: reportRefs[index])
            } else {
                var builder = LabelsBuilder(target.labels)
                builder.set(Labels.metricName, name)
                builder.build().bytes.withUnsafeBytes { batch.begin(labels: $0) }
            }
            batch.add(timeMs, value)
        }
        let result = try store.append(&batch)
        let known = result.rejected.allSatisfy { $0.reason != .unknownSeries }
        let repeats = !known && !reportRefs.isEmpty
        reportRefs = known ? (0..<values.count).map { batch.ref($0) } : []
        if repeats { try finish(&report, timeMs) }
    }
}
