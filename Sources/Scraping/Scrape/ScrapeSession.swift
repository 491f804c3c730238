import MartletCore
package import MetricStorage
import SampleMath
import Service
package import Wire

/// Turns the answers of one target into samples in the store: labels, relabelling, limits, staleness and the synthetic
/// series. Has no clock and no network; one thread at a time.
package struct ScrapeSession: Sendable {
    private static let futureMs: Int64 = 10 * 60 * 1000
    /// Metadata lines that are remembered; those beyond are told to the store with every scrape, which knows them as well.
    private static let metadataLimit = 50_000

    private let target: Target
    private let job: ScrapeConfig
    private let store: MetricStore
    private var cache = ScrapeCache()
    private var batch = SampleBatch()
    /// Batch entry → cache entry, for the entries that were begun with labels.
    private var pending: [(entry: Int, cached: Int)] = []
    private var scrape: UInt32 = 1
    /// Hashes of the metadata lines of the answer before and of this one, so that only news reach the table.
    private var knownMetadata: Set<UInt64> = []
    private var metadataSoFar: Set<UInt64> = []
    private var reportRefs: [SeriesRef] = []

    /// A session without memory of earlier scrapes.
    package init(_ target: Target, _ job: ScrapeConfig, store: MetricStore) {
        self.target = target
        self.job = job
        self.store = store
    }

    /// Takes an answer. Limits and malformed text fail the scrape as a whole: its series go stale.
    /// - Throws: what the store throws when it cannot write.
    package mutating func take(
        _ body: UnsafeRawBufferPointer, format: ExpositionFormat, timeMs: Int64, durationSeconds: Double
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
        _ body: UnsafeRawBufferPointer, _ format: ExpositionFormat, _ timeMs: Int64
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

    private mutating func parse(
        _ body: UnsafeRawBufferPointer, _ format: ExpositionFormat, _ timeMs: Int64, _ report: inout ScrapeReport
    ) throws {
        swap(&knownMetadata, &metadataSoFar)
        metadataSoFar.removeAll(keepingCapacity: true)
        var parser = ExpositionParser(body, format: format)
        while let line = try parser.next() {
            guard line == .series else {
                note(line, parser, body)
                continue
            }
            report.scraped += 1
            if job.limits.samples > 0, report.postRelabelling >= job.limits.samples {
                // Beyond the limit samples are counted, not kept: that tells by how much it is breached.
                if try passes(&parser, body) { report.postRelabelling += 1 }
                continue
            }
            let (index, isNew) = cache.find(parser.series.bytes(in: body))
            if isNew || cache.entries[index].ref == .none, !cache.entries[index].isDropped {
                guard try begin(index, &parser) else { continue }
            } else {
                guard !cache.entries[index].isDropped else { continue }
                batch.begin(ref: cache.entries[index].ref)
            }
            let ownTime = job.honorTimestamps ? parser.timestamp : nil
            if cache.entries[index].seen < scrape - 1 { report.added += 1 }
            let sequence = scrape
            let tracks = job.tracksTimestampStaleness
            cache.update(index) { entry in
                entry.seen = sequence
                entry.hasOwnTime = ownTime != nil && !tracks
            }
            let time = ownTime ?? timeMs
            if time > timeMs + Self.futureMs {
                report.outOfBounds += 1
            } else {
                batch.add(time, parser.value)
                if let exemplar = parser.exemplar {
                    let labels = try parser.labels(of: exemplar)
                    labels.bytes.withUnsafeBytes { batch.addExemplar($0, exemplar.timestamp ?? time, exemplar.value) }
                }
            }
            report.postRelabelling += 1
        }
        if job.limits.samples > 0, report.postRelabelling > job.limits.samples {
            throw ScrapeFailure("sample limit exceeded: more than \(job.limits.samples) (sample_limit)")
        }
    }

    /// Whether relabelling lets a sample through that is counted only.
    private func passes(_ parser: inout ExpositionParser, _ body: UnsafeRawBufferPointer) throws -> Bool {
        if let known = cache.entry(of: parser.series.bytes(in: body)) { return !known.isDropped }
        return try labels(&parser) != nil
    }

    /// Starts a batch entry for a series not met before; false when relabelling drops it.
    private mutating func begin(_ index: Int, _ parser: inout ExpositionParser) throws -> Bool {
        guard let labels = try labels(&parser) else {
            cache.update(index) { $0.isDropped = true }
            return false
        }
        pending.append((batch.count, index))
        labels.bytes.withUnsafeBytes { batch.begin(labels: $0) }
        return true
    }

    /// What the series last found is stored under; nil when relabelling drops it.
    private func labels(_ parser: inout ExpositionParser) throws -> Labels? {
        let own = try parser.labels()
        let joined = joined(own, emptyNames: parser.emptyLabelNames)
        guard let labels = RelabelRule.apply(job.metricRelabelRules, to: joined) else { return nil }
        guard labels[Labels.metricName] != nil else {
            throw ScrapeFailure("missing metric name after relabelling: \(labels)")
        }
        try check(labels)
        return labels
    }

    /// A series' own labels with the target's. On a clash the target's win and the own label is renamed. Under
    /// `honor_labels` the own one wins, also when it is given with an empty value: what is federated without `instance`
    /// stays so.
    private func joined(_ own: Labels, emptyNames: [String]) -> Labels {
        var builder = LabelsBuilder(own)
        var clashes: [(name: String, value: String)] = []
        for (name, value) in target.labels.pairs {
            if job.honorLabels, own[name] != nil || emptyNames.contains(name) { continue }
            if let clash = own[name] { clashes.append((name, clash)) }
            builder.set(name, value)
        }
        // The shorter name first, as with Prometheus: it decides which label gets `exported_` twice.
        for (name, value) in clashes.sorted(by: { $0.name.utf8.count < $1.name.utf8.count }) {
            var exported = "exported_" + name
            while builder[exported] != nil { exported = "exported_" + exported }
            builder.set(exported, value)
        }
        return builder.build()
    }

    private func check(_ labels: Labels) throws(ScrapeFailure) {
        let limits = job.limits
        guard limits.labels > 0 || limits.labelName > 0 || limits.labelValue > 0 else { return }
        var failure: String?
        var count = 0
        labels.forEach { name, value in
            count += 1
            if limits.labelName > 0, name.count > limits.labelName {
                failure = "label_name_length_limit exceeded: \(name.count) bytes, limit \(limits.labelName)"
            }
            if limits.labelValue > 0, value.count > limits.labelValue {
                failure = "label_value_length_limit exceeded: \(value.count) bytes, limit \(limits.labelValue)"
            }
        }
        if limits.labels > 0, count > limits.labels {
            failure = "label_limit exceeded: \(count) labels, limit \(limits.labels)"
        }
        if let failure { throw ScrapeFailure("\(failure) (series \(labels))") }
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

    private mutating func note(
        _ line: ExpositionParser.Entry, _ parser: ExpositionParser, _ body: UnsafeRawBufferPointer
    ) {
        let family = parser.family.bytes(in: body)
        let text = line == .type ? Array(parser.type.rawValue.utf8) : Array(parser.text.bytes(in: body))
        let hash = Hash64.hash(family, seed: Hash64.hash(text, seed: line == .type ? 1 : line == .help ? 2 : 3))
        if metadataSoFar.count < Self.metadataLimit {
            guard metadataSoFar.insert(hash).inserted, !knownMetadata.contains(hash) else { return }
        }
        store.metadata.update(parser.familyName) { entry in
            switch line {
            case .type: entry.type = parser.type.rawValue
            case .help: entry.help = parser.unescapedText
            case .unit: entry.unit = parser.unescapedText
            case .series: break
            }
        }
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
