import Compression
import MartletCore
import MetricStorage
import NIOCore
import Service
import Wire

/// Takes pushed samples into the store: remote write and OTLP.
final class WriteReceiver: Sendable {
    /// Samples further ahead of the clock than this are refused, as Prometheus does.
    private static let futureMs: Int64 = 10 * 60 * 1000

    let bodyLimit: Int
    let counters = IngestCounters()
    private let store: MetricStore
    private let metadata: MetadataTable
    private let blocking: BlockingPool
    private let idle = Lock<[WriteScratch]>([])

    init(store: MetricStore, metadata: MetadataTable, blocking: BlockingPool, bodyLimit: Int) {
        self.store = store
        self.metadata = metadata
        self.blocking = blocking
        self.bodyLimit = bodyLimit
    }

    /// A remote write 1.0 body, snappy compressed. Throws `WireError` or `CompressionError` for a malformed one.
    func remoteWrite(_ body: ByteBuffer) async throws -> WriteOutcome {
        let outcome = try await blocking.run { [self] in
            try withScratch { scratch in
                let size = try body.withUnsafeReadableBytes {
                    try Snappy.decompress($0, limit: bodyLimit, into: &scratch.message)
                }
                // Taken out of the scratch, which changes while the message is read.
                var message: [UInt8] = []
                swap(&message, &scratch.message)
                defer { swap(&message, &scratch.message) }
                return try message.withUnsafeBytes { all in
                    let bytes = UnsafeRawBufferPointer(rebasing: all[..<size])
                    try scratch.request.decode(bytes)
                    return try append(bytes, &scratch)
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
                outcome.add(try store.append(&scratch.batch), scratch.batch)
                for item in metrics.metadata {
                    metadata.update(item.family) {
                        $0 = .init(type: item.type.rawValue, help: item.help, unit: item.unit)
                    }
                }
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
        outcome.add(try store.append(&scratch.batch), scratch.batch)
        for item in scratch.request.metadata {
            metadata.update(item.family.text(in: bytes)) { entry in
                entry.type = MetricType(remoteWriteNumber: item.type).rawValue
                entry.help = item.help.text(in: bytes)
                entry.unit = item.unit.text(in: bytes)
            }
        }
        return outcome
    }

    private func add(
        _ sample: RemoteWrite.WriteRequest.Sample, _ latest: Int64, _ batch: inout SampleBatch,
        _ outcome: inout WriteOutcome, _ name: () -> String
    ) {
        guard sample.timestamp <= latest else {
            return outcome.refuse(1, "out of bounds: timestamp is too far in the future", name())
        }
        batch.add(sample.timestamp, sample.value)
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
