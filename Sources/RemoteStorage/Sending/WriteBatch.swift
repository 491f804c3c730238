import Compression
import MartletCore
import MetricStorage
import Wire

/// Turns samples into the body of one request.
enum WriteBatch {
    /// The compressed body.
    static func body(
        _ samples: [QueuedSample], _ message: RemoteWrite.Message, metadata: MetadataTable?
    ) throws -> [UInt8] {
        let bytes =
            switch message {
            case .version1: version1(samples)
            case .version2: version2(samples, metadata)
            }
        return try bytes.withUnsafeBytes { try Snappy.compress($0) }
    }

    private static func version1(_ samples: [QueuedSample]) -> [UInt8] {
        var encoder = RemoteWrite.Encoder(capacity: samples.count * 160)
        for group in SampleGroups(samples).groups {
            encoder.series(
                group.series, group.samples, histograms: group.histograms, exemplars: group.exemplars)
        }
        return encoder.bytes
    }

    private static func version2(_ samples: [QueuedSample], _ metadata: MetadataTable?) -> [UInt8] {
        var encoder = RemoteWrite.EncoderVersion2(capacity: samples.count * 48)
        var known: [String: RemoteWrite.SeriesMetadata?] = [:]
        // A series of 2.0 must have samples: an exemplar that has lost its own to another request stays behind.
        for group in SampleGroups(samples).groups where !group.samples.isEmpty || !group.histograms.isEmpty {
            encoder.series(
                group.series, group.samples, histograms: group.histograms, exemplars: group.exemplars,
                metadata: metadata.flatMap { find(group.series, in: $0, &known) })
        }
        return encoder.bytes
    }

    /// What is known of a series' metric: under its own name, or under that of the family whose part it is.
    private static func find(
        _ series: Labels, in table: MetadataTable, _ known: inout [String: RemoteWrite.SeriesMetadata?]
    ) -> RemoteWrite.SeriesMetadata? {
        guard let name = series[Labels.metricName] else { return nil }
        if let found = known[name] { return found }
        let found = table.family(ofMetric: name)?.entry
        let metadata = found.map {
            RemoteWrite.SeriesMetadata(
                type: MetricType(rawValue: $0.type)?.remoteWriteNumber ?? 0, help: $0.help, unit: $0.unit)
        }
        known[name] = .some(metadata)
        return metadata
    }

    /// The compressed bodies of 1.0 requests with all metadata, `limit` families in each.
    static func metadata(_ table: MetadataTable, limit: Int) throws -> [(families: Int, body: [UInt8])] {
        let families = table.families().sorted { $0.key < $1.key }
        var bodies: [(families: Int, body: [UInt8])] = []
        for start in stride(from: 0, to: families.count, by: max(limit, 1)) {
            let part = families[start..<min(start + max(limit, 1), families.count)]
            var encoder = RemoteWrite.Encoder()
            for (family, entry) in part {
                encoder.metadata(
                    family: family, type: MetricType(rawValue: entry.type)?.remoteWriteNumber ?? 0, help: entry.help,
                    unit: entry.unit)
            }
            bodies.append((part.count, try encoder.bytes.withUnsafeBytes { try Snappy.compress($0) }))
        }
        return bodies
    }
}
