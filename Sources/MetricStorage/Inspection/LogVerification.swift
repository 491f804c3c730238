import Durable
import MartletCore

/// Checks a write-ahead log: that segments follow each other, every page and record, and that records can be decoded.
struct LogVerification {
    private let directory: String
    private let fileSystem: any FileSystem

    init(_ directory: String, on fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    mutating func run(
        _ counts: inout DirectoryVerification.Counts, report: (DirectoryVerification.Problem) -> Void
    ) {
        do {
            for checkpoint in try CheckpointName.list(directory, on: fileSystem) {
                try check(FilePath.join(directory, CheckpointName.format(checkpoint)), &counts, report)
            }
            try check(directory, &counts, report)
        } catch let error as DurableError {
            report(.init(error))
        } catch {
            report(.init(directory, "\(error)"))
        }
    }

    private func check(
        _ directory: String, _ counts: inout DirectoryVerification.Counts,
        _ report: (DirectoryVerification.Problem) -> Void
    ) throws {
        let log = try RecordLog(directory, on: fileSystem)
        let found = try log.replay(repair: false) { record, position in
            do throws(ByteCursorError) {
                try Self.decode(record)
            } catch {
                let place = "at offset \(position.offset): a record is malformed: \(error)"
                report(.init(log.path(ofSegment: position.segment), place))
            }
        }
        for damage in found.damage { report(.init(damage.path, "at offset \(damage.offset): \(damage.reason)")) }
        counts.segments += found.segments
        counts.records += found.records
    }

    /// Reads a record whole. Records of kinds that nobody here knows are passed over, as a replay does.
    private static func decode(_ record: UnsafeRawBufferPointer) throws(ByteCursorError) {
        switch LogDecoder.kind(record) {
        case .series: try LogDecoder.series(record) { _, _ in }
        case .samples, .startTimeSamples: try LogDecoder.samples(record) { _, _, _ in }
        case .tombstones: try LogDecoder.tombstones(record) { _, _, _ in }
        case .exemplars: try LogDecoder.exemplars(record) { _, _, _, _ in }
        case .metadata: try LogDecoder.metadata(record) { _, _ in }
        case .headChunkMarkers, nil: break
        case .some: try LogDecoder.histograms(record) { _, _, _ in }
        }
    }
}
