import Durable
import MartletCore

/// Writes what a checkpoint keeps.
struct CheckpointWriter {
    private let log: RecordLog
    var records = LogRecords()
    /// By series; written at the end, since only the newest counts.
    var metadata: [UInt64: MetadataRecord] = [:]

    init(_ log: RecordLog) {
        self.log = log
    }

    /// Writes out what was gathered when it is more than `limit` bytes.
    mutating func flush(beyond limit: Int) throws(DurableError) {
        var batch = RecordBatch()
        records.drain(beyond: limit, into: &batch)
        if !batch.isEmpty { try log.append(batch) }
    }

    /// Writes all that is left.
    mutating func finish() throws(DurableError) {
        try flush(beyond: 0)
        var encoder = LogEncoder()
        for (ref, entry) in metadata.sorted(by: { $0.key < $1.key }) {
            encoder.metadata(ref, entry)
            if encoder.count > 1 << 20 {
                try log.append(encoder.bytes)
                encoder.removeAll()
            }
        }
        if !encoder.isEmpty { try log.append(encoder.bytes) }
    }
}
