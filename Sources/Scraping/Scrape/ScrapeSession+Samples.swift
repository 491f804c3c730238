import MartletCore
import MetricStorage
import RemoteStorage
import Service
import Wire

/// One pass over an answer.
extension ScrapeSession {
    private static let futureMs: Int64 = 10 * 60 * 1000
    /// Metadata lines that are remembered; those beyond are told to the store with every scrape, which knows them as well.
    private static let metadataLimit = 50_000

    /// Fills the batch with what an answer says.
    mutating func parse(
        _ body: UnsafeRawBufferPointer, _ format: ScrapeFormat, _ timeMs: Int64, _ report: inout ScrapeReport
    ) throws {
        swap(&knownMetadata, &metadataSoFar)
        metadataSoFar.removeAll(keepingCapacity: true)
        gathering.removeAll()
        var pass = Pass(
            timeMs: timeMs, converts: target.histograms.convertsClassic && format != .protobuf, report: report)
        defer { report = pass.report }
        switch format {
        case .text:
            var reader = ExpositionParser(body, format: .text)
            try take(&reader, body, &pass)
        // An empty answer is one without samples, in whatever format it is said to be.
        case .openMetrics where body.isEmpty: break
        case .openMetrics:
            var reader = ExpositionParser(body, format: .openMetrics)
            try take(&reader, body, &pass)
        case .protobuf:
            // It converts classic histograms by itself, since it has them whole.
            var reader = MetricFamilyReader(body, target.histograms)
            try take(&reader, body, &pass)
        }
        if isBeyondLimit(pass.report.postRelabelling - 1) {
            throw ScrapeFailure("sample limit exceeded: more than \(job.limits.samples) (sample_limit)")
        }
        if pass.brokeBucketLimit {
            throw ScrapeFailure(
                "histogram bucket limit exceeded: more than \(job.bucketLimit) buckets (native_histogram_bucket_limit)")
        }
    }

    /// What a pass over an answer has in hand.
    private struct Pass {
        let timeMs: Int64
        /// Whether the series of classic histograms are gathered into native ones.
        let converts: Bool
        var report: ScrapeReport
        var brokeBucketLimit = false
    }

    /// A sample that is kept: its entry of the cache, the labels of a series that is not known yet, and its time.
    private struct Slot {
        let index: Int
        let fresh: Labels?
        let time: Int64
    }

    /// Where a series' sample goes.
    private enum Place {
        /// It is kept, for this entry of the cache.
        case kept(Int)
        /// It is counted only, beyond the limit of samples: that tells by how much the limit is breached.
        case counted(ScrapeCache.Entry?)
    }

    private typealias OwnLabels = (labels: Labels, emptyNames: [String])

    private mutating func take<Reader: ExpositionReader>(
        _ reader: inout Reader, _ body: UnsafeRawBufferPointer, _ pass: inout Pass
    ) throws {
        while let entry = try reader.next() {
            switch entry {
            case .series:
                if pass.converts, try gather(&reader, &pass) { continue }
                guard let slot = try slot(&reader, &pass) else { continue }
                if let start = zero(of: slot, reader.startTimestamp) { batch.add(start, 0) }
                begin(slot)
                batch.add(slot.time, reader.value)
                try addExemplars(of: &reader, at: slot.time)
            case .histogram:
                // What relabelling drops is not looked at.
                guard let slot = try slot(&reader, &pass), let histogram = try stored(reader.histogram, &pass) else {
                    continue
                }
                add(histogram, at: slot, startedAt: reader.startTimestamp)
                try addExemplars(of: &reader, at: slot.time)
            case .type, .help, .unit:
                try takeGathered(&pass)
                note(entry, reader, body)
            }
        }
        try takeGathered(&pass)
    }

    /// Whether the sample last read is one too many.
    private func isBeyondLimit(_ samples: Int) -> Bool { job.limits.samples > 0 && samples >= job.limits.samples }

    private mutating func place(of key: UnsafeRawBufferPointer, _ pass: Pass) -> Place {
        isBeyondLimit(pass.report.postRelabelling) ? .counted(cache.entry(of: key)) : .kept(cache.find(key).index)
    }

    /// Where the sample last read goes; nil when it is not kept.
    private mutating func slot<Reader: ExpositionReader>(_ reader: inout Reader, _ pass: inout Pass) throws -> Slot? {
        let place = reader.withKey { self.place(of: $0, pass) }
        return try slot(place, reader.timestamp, &pass) { (try reader.labels(), reader.emptyLabelNames) }
    }

    /// Counts a sample, and looks what its series is stored under when that is new; nil when it is not kept.
    private mutating func slot(
        _ place: Place, _ ownTime: Int64?, _ pass: inout Pass, own: () throws -> OwnLabels
    ) throws -> Slot? {
        pass.report.scraped += 1
        let index: Int
        switch place {
        case .kept(let found): index = found
        case .counted(let known):
            let passes = if let known { !known.isDropped } else { try labels(try own()) != nil }
            if passes { pass.report.postRelabelling += 1 }
            return nil
        }
        guard !cache.entries[index].isDropped else { return nil }
        var fresh: Labels?
        if cache.entries[index].ref == .none {
            guard let labels = try labels(try own()) else {
                cache.update(index) { $0.isDropped = true }
                return nil
            }
            fresh = labels
        }
        let ownTime = job.honorTimestamps ? ownTime : nil
        if cache.entries[index].seen < scrape - 1 { pass.report.added += 1 }
        let sequence = scrape
        let tracks = job.tracksTimestampStaleness
        cache.update(index) { entry in
            entry.seen = sequence
            entry.hasOwnTime = ownTime != nil && !tracks
        }
        pass.report.postRelabelling += 1
        let time = ownTime ?? pass.timeMs
        guard time <= pass.timeMs + Self.futureMs else {
            pass.report.outOfBounds += 1
            return nil
        }
        return Slot(index: index, fresh: fresh, time: time)
    }

    /// Starts a batch entry for a sample.
    private mutating func begin(_ slot: Slot) {
        if let fresh = slot.fresh {
            pending.append((batch.count, slot.index))
            fresh.bytes.withUnsafeBytes { batch.begin(labels: $0) }
        } else {
            batch.begin(ref: cache.entries[slot.index].ref)
        }
    }

    /// Starts a batch entry for what was at a count's start, where that is wanted, and gives its time.
    private mutating func zero(of slot: Slot, _ start: Int64?) -> Int64? {
        guard startsAtZero, let start, start < slot.time else { return nil }
        begin(slot)
        batch.makeTentative()
        return start
    }

    private mutating func add(_ histogram: StoredHistogram, at slot: Slot, startedAt start: Int64?) {
        if let start = zero(of: slot, start) { batch.add(start, HistogramIntake.zero(of: histogram)) }
        begin(slot)
        batch.add(slot.time, histogram)
    }

    private mutating func addExemplars<Reader: ExpositionReader>(of reader: inout Reader, at time: Int64) throws {
        if !exemplars.isEmpty { exemplars.removeAll(keepingCapacity: true) }
        try reader.exemplars { exemplars.append(ScrapedExemplar(labels: $0, time: $1, value: $2)) }
        if !exemplars.isEmpty { addExemplars(at: time) }
    }

    /// Adds the exemplars found to the batch's last entry, the oldest first; those without a time have that of the sample.
    private mutating func addExemplars(at time: Int64) {
        exemplars.sort { ($0.time ?? time) < ($1.time ?? time) }
        for exemplar in exemplars {
            exemplar.labels.bytes.withUnsafeBytes { batch.addExemplar($0, exemplar.time ?? time, exemplar.value) }
        }
    }

    // MARK: Histograms

    /// A native histogram as it is stored, as coarse as the job wants it; nil when it has more buckets than may be.
    private func stored(
        _ histogram: RemoteWrite.Histogram, _ pass: inout Pass
    ) throws(ScrapeFailure) -> StoredHistogram? {
        do throws(HistogramIntake.Fault) {
            return limited(try HistogramIntake.store(histogram, reducedTo: job.finestSchema), &pass)
        } catch {
            throw ScrapeFailure("\(error)")
        }
    }

    /// A histogram with no more buckets than may be, coarser if need be; nil when it cannot be made so.
    private func limited(_ histogram: StoredHistogram, _ pass: inout Pass) -> StoredHistogram? {
        var stored = histogram
        stored.compact()
        guard job.bucketLimit > 0 else { return stored }
        while stored.bucketCount > job.bucketLimit {
            guard (-3...8).contains(stored.layout.schema) else {
                pass.brokeBucketLimit = true
                return nil
            }
            stored.reduceResolution(to: stored.layout.schema - 1)
        }
        return stored
    }

    /// Takes a series that is part of a classic histogram to the others of that; true when that was all that is to be done
    /// with it.
    private mutating func gather<Reader: ExpositionReader>(_ reader: inout Reader, _ pass: inout Pass) throws -> Bool {
        guard reader.type == .histogram,
            let (part, base) = ClassicGathering.part(try reader.labels(), of: reader.familyName)
        else {
            try takeGathered(&pass)
            return false
        }
        if gathering.base != base { try takeGathered(&pass) }
        gathering.add(part, reader.value, at: reader.timestamp, of: base)
        try reader.exemplars { gathering.add(ScrapedExemplar(labels: $0, time: $1, value: $2)) }
        return !target.histograms.keepsClassic
    }

    /// Takes the native histogram that was gathered. One whose parts contradict each other is left out, as with Prometheus.
    private mutating func takeGathered(_ pass: inout Pass) throws {
        guard let base = gathering.base else { return }
        defer { gathering.removeAll() }
        guard let histogram = try? gathering.parts.native(), let gathered = try? HistogramIntake.store(histogram) else {
            return
        }
        // No line begins with this byte.
        let place = ([1] + base.bytes).withUnsafeBytes { self.place(of: $0, pass) }
        guard let slot = try slot(place, gathering.time, &pass, own: { (base, []) }),
            let stored = limited(gathered, &pass)
        else { return }
        add(stored, at: slot, startedAt: nil)
        exemplars = gathering.exemplars
        if !exemplars.isEmpty { addExemplars(at: slot.time) }
    }

    // MARK: Labels

    /// What a series is stored under; nil when relabelling drops it.
    private func labels(_ own: OwnLabels) throws -> Labels? {
        let joined = joined(own.labels, emptyNames: own.emptyNames)
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

    // MARK: Metadata

    private mutating func note<Reader: ExpositionReader>(
        _ entry: ExpositionEntry, _ reader: Reader, _ body: UnsafeRawBufferPointer
    ) {
        let family = reader.family.bytes(in: body)
        let text = entry == .type ? Array(reader.type.rawValue.utf8) : Array(reader.text.bytes(in: body))
        let hash = Hash64.hash(family, seed: Hash64.hash(text, seed: entry == .type ? 1 : entry == .help ? 2 : 3))
        if metadataSoFar.count < Self.metadataLimit {
            guard metadataSoFar.insert(hash).inserted, !knownMetadata.contains(hash) else { return }
        }
        store.metadata.update(reader.familyName) { metadata in
            switch entry {
            case .type: metadata.type = reader.type.rawValue
            case .help: metadata.help = reader.unescapedText
            case .unit: metadata.unit = reader.unescapedText
            case .series, .histogram: break
            }
        }
    }
}
