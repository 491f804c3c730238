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
                let message = try body.withUnsafeReadableBytes { try Snappy.decompress($0, limit: bodyLimit) }
                return try message.withUnsafeBytes { bytes in
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
                let latest = Now.milliseconds + Self.futureMs
                for series in metrics.series {
                    series.labels.bytes.withUnsafeBytes { scratch.batch.begin(labels: $0) }
                    for sample in metrics.samples[series.samples] {
                        add(sample, latest, &scratch.batch, &outcome) { series.labels.description }
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
        let latest = Now.milliseconds + Self.futureMs
        for series in scratch.request.series {
            scratch.assembly.reset()
            for label in scratch.request.labels[series.labels] {
                scratch.assembly.add(label.name.bytes(in: bytes), label.value.bytes(in: bytes))
            }
            let isDuplicated = scratch.assembly.duplicateName() != nil
            let labels = scratch.assembly.finish()
            let count = series.samples.count + series.histograms.count
            if let reason = isDuplicated ? "duplicate label name" : Self.fault(labels) {
                outcome.refuse(max(count, 1), reason, labels.description)
                continue
            }
            if !series.histograms.isEmpty {
                outcome.refuse(series.histograms.count, "native histograms are not stored yet", labels.description)
            }
            guard !series.samples.isEmpty else { continue }
            labels.bytes.withUnsafeBytes { scratch.batch.begin(labels: $0) }
            for sample in scratch.request.samples[series.samples] {
                add(sample, latest, &scratch.batch, &outcome) { labels.description }
            }
            for exemplar in scratch.request.exemplars[series.exemplars] {
                let own = Labels(scratch.request.labels[exemplar.labels], in: bytes)
                own.bytes.withUnsafeBytes { scratch.batch.addExemplar($0, exemplar.timestamp, exemplar.value) }
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

    /// What is wrong with a pushed label set; nil when nothing is.
    private static func fault(_ labels: Labels) -> String? {
        var fault: String?
        var hasName = false
        labels.forEach { name, value in
            if name.elementsEqual(Labels.metricName.utf8) { hasName = true }
            if name.isEmpty { fault = "empty label name" }
            if !Bytes.isValidUTF8(name) || !Bytes.isValidUTF8(value) { fault = "invalid UTF-8 in labels" }
        }
        return fault ?? (hasName ? nil : "missing metric name")
    }

    private func withScratch<R>(_ body: (inout WriteScratch) throws -> R) rethrows -> R {
        var scratch = idle.withLock { $0.popLast() } ?? WriteScratch()
        scratch.batch.removeAll()
        defer { if scratch.isWorthKeeping { idle.withLock { if $0.count < 8 { $0.append(scratch) } } } }
        return try body(&scratch)
    }
}
