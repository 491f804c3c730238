import Compression
import MartletCore
import MetricStorage
import NIOCore
import RemoteStorage
import Service
import Wire

/// Takes pushed samples into the store: remote write and OTLP.
final class WriteReceiver: Sendable {
    /// Samples further ahead of the clock than this are refused, as Prometheus does.
    private static let futureMs: Int64 = 10 * 60 * 1000

    /// How writes are received.
    struct Options {
        /// Bytes of a request, as sent and decompressed.
        let bodyLimit: Int
        /// Whether a zero is stored at a count's start, where a request tells it.
        let startsAtZero: Bool
    }

    let options: Options
    let counters: IngestCounters
    private let store: MetricStore
    private let blocking: BlockingPool
    private let idle = Lock<[WriteScratch]>([])

    init(store: MetricStore, options: Options, blocking: BlockingPool, counters: IngestCounters) {
        self.store = store
        self.options = options
        self.blocking = blocking
        self.counters = counters
    }

    /// A remote write body, snappy compressed. Throws `WireError` or `CompressionError` for a malformed one.
    func remoteWrite(_ body: ByteBuffer, _ kind: RemoteWrite.Message) async throws -> WriteOutcome {
        let outcome = try await blocking.run { [self] in
            try withScratch { scratch in
                let size = try body.withUnsafeReadableBytes {
                    try Snappy.decompress($0, limit: options.bodyLimit, into: &scratch.message)
                }
                // Taken out of the scratch, which changes while the message is read.
                var message: [UInt8] = []
                swap(&message, &scratch.message)
                defer { swap(&message, &scratch.message) }
                return try message.withUnsafeBytes { all in
                    let bytes = UnsafeRawBufferPointer(rebasing: all[..<size])
                    // Messages of two bytes become structures of hundreds, and symbols may be named without end.
                    let limits = DecodeLimits(memory: 4 * options.bodyLimit)
                    switch kind {
                    case .version1:
                        try scratch.request.decode(bytes, limits: limits)
                        return try append(bytes, &scratch)
                    case .version2:
                        try scratch.request.decodeVersion2(bytes, limits: limits)
                        return try appendVersion2(bytes, &scratch)
                    }
                }
            }
        }
        counters.add(outcome)
        return outcome
    }

    /// OTLP metrics, translated under the options.
    func otlp(_ metrics: OTLPMetricTranslation) async throws -> WriteOutcome {
        let outcome = try await blocking.run { [self] in
            try withScratch { scratch in
                var outcome = WriteOutcome()
                let latest = WallClock.milliseconds + Self.futureMs
                for series in metrics.series {
                    series.labels.bytes.withUnsafeBytes { scratch.batch.begin(labels: $0) }
                    for sample in metrics.samples[series.samples] {
                        add(sample, latest, &scratch.batch, &outcome) { series.labels.description }
                    }
                    for histogram in metrics.histograms[series.histograms] {
                        add(histogram, latest, &scratch.batch, &outcome) { series.labels.description }
                    }
                    for exemplar in metrics.exemplars[series.exemplars] {
                        exemplar.labels.bytes.withUnsafeBytes {
                            scratch.batch.addExemplar($0, exemplar.timestamp, exemplar.value)
                        }
                    }
                }
                for item in metrics.metadata {
                    store.metadata.update(item.family) {
                        $0 = .init(type: item.type.rawValue, help: item.help, unit: item.unit)
                    }
                }
                outcome.add(try store.append(&scratch.batch), scratch.batch)
                return outcome
            }
        }
        counters.add(outcome)
        return outcome
    }

    private func append(_ bytes: UnsafeRawBufferPointer, _ scratch: inout WriteScratch) throws -> WriteOutcome {
        var outcome = WriteOutcome()
        let latest = WallClock.milliseconds + Self.futureMs
        let request = scratch.request
        for series in request.series {
            guard !series.samples.isEmpty || !series.histograms.isEmpty else { continue }
            request.withLabels(series.labels) { scratch.batch.begin(uncheckedLabels: $0) }
            for sample in request.samples[series.samples] {
                add(sample, latest, &scratch.batch, &outcome) { request.labels(series.labels).description }
            }
            for range in request.histograms[series.histograms] {
                add(try RemoteWrite.Histogram(range, in: bytes), latest, &scratch.batch, &outcome) {
                    request.labels(series.labels).description
                }
            }
            for exemplar in request.exemplars[series.exemplars] {
                request.labels(exemplar.labels).bytes.withUnsafeBytes {
                    scratch.batch.addExemplar($0, exemplar.timestamp, exemplar.value)
                }
            }
        }
        for item in scratch.request.metadata { update(item, family: item.family.text(in: bytes), bytes) }
        outcome.add(try store.append(&scratch.batch), scratch.batch)
        return outcome
    }

    private func appendVersion2(_ bytes: UnsafeRawBufferPointer, _ scratch: inout WriteScratch) throws -> WriteOutcome {
        var outcome = WriteOutcome()
        let latest = WallClock.milliseconds + Self.futureMs
        let request = scratch.request
        for refusal in request.refusals { outcome.refuse(refusal.samples, refusal.reason, "the request") }
        for series in request.series {
            let name = { request.labels(series.labels).description }
            guard !series.samples.isEmpty || !series.histograms.isEmpty else {
                outcome.refuse(0, "a series without samples", name())
                continue
            }
            guard series.samples.isEmpty || series.histograms.isEmpty else {
                outcome.refuse(
                    series.samples.count + series.histograms.count, "a series with both samples and histograms", name())
                continue
            }
            if options.startsAtZero { addZeros(series, request, bytes, &scratch.batch) }
            request.withLabels(series.labels) { scratch.batch.begin(uncheckedLabels: $0) }
            for sample in request.samples[series.samples] { add(sample, latest, &scratch.batch, &outcome, name) }
            for range in request.histograms[series.histograms] {
                add(try RemoteWrite.Histogram(range, in: bytes), latest, &scratch.batch, &outcome, name)
            }
            for exemplar in request.exemplars[series.exemplars] {
                request.labels(exemplar.labels).bytes.withUnsafeBytes {
                    scratch.batch.addExemplar($0, exemplar.timestamp, exemplar.value)
                }
            }
        }
        for item in request.metadata {
            // Here it belongs to a series, which may be a part of its family.
            let type = MetricType(remoteWriteNumber: item.type)
            update(item, family: type.family(ofSeries: item.family.text(in: bytes)), bytes)
        }
        outcome.add(try store.append(&scratch.batch), scratch.batch)
        return outcome
    }

    /// Zeros at the starts of a series' counts, where these lie before the samples.
    private func addZeros(
        _ series: RemoteWrite.WriteRequest.Series, _ request: RemoteWrite.WriteRequest,
        _ bytes: UnsafeRawBufferPointer, _ batch: inout SampleBatch
    ) {
        var last: Int64 = 0
        func begin(_ start: Int64, before timestamp: Int64) -> Bool {
            guard start != 0, start != last, start < timestamp else { return false }
            last = start
            request.withLabels(series.labels) { batch.begin(uncheckedLabels: $0) }
            batch.makeTentative()
            return true
        }
        for index in series.samples
        where begin(request.startTimestamps[index], before: request.samples[index].timestamp) {
            batch.add(last, 0)
        }
        for range in request.histograms[series.histograms] {
            guard let histogram = try? RemoteWrite.Histogram(range, in: bytes),
                let stored = try? HistogramIntake.store(histogram),
                begin(histogram.startTimestamp, before: histogram.timestamp)
            else { continue }
            batch.add(last, HistogramIntake.zero(of: stored))
        }
    }

    private func update(_ item: RemoteWrite.WriteRequest.Metadata, family: String, _ bytes: UnsafeRawBufferPointer) {
        store.metadata.update(family) { entry in
            entry.type = MetricType(remoteWriteNumber: item.type).rawValue
            entry.help = item.help.text(in: bytes)
            entry.unit = item.unit.text(in: bytes)
        }
    }

    private func add(
        _ sample: RemoteWrite.WriteRequest.Sample, _ latest: Int64, _ batch: inout SampleBatch,
        _ outcome: inout WriteOutcome, _ name: () -> String
    ) {
        guard sample.timestamp <= latest else {
            return outcome.refuse(1, "out of bounds: timestamp is too far in the future", name())
        }
        batch.add(sample.timestamp, sample.value)
        outcome.written.samples += 1
    }

    private func add(
        _ histogram: RemoteWrite.Histogram, _ latest: Int64, _ batch: inout SampleBatch, _ outcome: inout WriteOutcome,
        _ name: () -> String
    ) {
        guard histogram.timestamp <= latest else {
            return outcome.refuse(1, "out of bounds: timestamp is too far in the future", name())
        }
        do throws(HistogramIntake.Fault) {
            batch.add(histogram.timestamp, try HistogramIntake.store(histogram))
            outcome.written.histograms += 1
        } catch {
            outcome.refuse(1, "\(error)", name())
        }
    }

    private func withScratch<R>(_ body: (inout WriteScratch) throws -> R) rethrows -> R {
        var scratch = idle.withLock { $0.popLast() } ?? WriteScratch()
        scratch.batch.removeAll()
        defer { if scratch.isWorthKeeping { idle.withLock { if $0.count < 8 { $0.append(scratch) } } } }
        return try body(&scratch)
    }
}
