import Compression

/// The records of a batch as they go into the log: compressed where that makes them smaller.
struct StoredRecords {
    private let bytes: [UInt8]
    /// End offset of each record.
    let ends: [Int]
    private let flags: [UInt8]

    /// Size of the largest record.
    var largest: Int? { ends.indices.map(size).max() }

    func size(_ index: Int) -> Int { ends[index] - start(index) }

    func flag(_ index: Int) -> UInt8 { flags[index] }

    func withRecord(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start(index)..<ends[index]])) }
    }

    private func start(_ index: Int) -> Int { index == 0 ? 0 : ends[index - 1] }

    init(_ batch: RecordBatch, _ compression: RecordCompression) {
        guard compression != .none, !batch.isPacked else {
            bytes = batch.bytes
            ends = batch.ends
            flags = Array(repeating: RecordCompression.none.rawValue, count: batch.count)
            return
        }
        var bytes: [UInt8] = []
        var ends: [Int] = []
        var flags: [UInt8] = []
        batch.bytes.withUnsafeBytes { all in
            var start = 0
            for end in batch.ends {
                let record = UnsafeRawBufferPointer(rebasing: all[start..<end])
                let small = Self.compress(record, compression)
                if let small, small.count < record.count {
                    bytes.append(contentsOf: small)
                    flags.append(compression.rawValue)
                } else {
                    bytes.append(contentsOf: record)
                    flags.append(RecordCompression.none.rawValue)
                }
                ends.append(bytes.count)
                start = end
            }
        }
        self.bytes = bytes
        self.ends = ends
        self.flags = flags
    }

    /// Compressed bytes, or nil when the record is too short to gain or cannot be compressed.
    private static func compress(_ record: UnsafeRawBufferPointer, _ compression: RecordCompression) -> [UInt8]? {
        guard record.count > 16 else { return nil }
        switch compression {
        case .none: return nil
        case .snappy: return try? Snappy.compress(record)
        case .zstd: return try? Zstd.compress(record)
        }
    }
}
