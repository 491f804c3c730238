package import MartletCore

/// Some entries of one stream, as columns over memory that the source owns: valid during the visit only.
package struct LogBatch {
    /// Identifies the stream within its source.
    package let streamID: UInt64
    /// The stream's labels.
    package let labels: Labels
    /// Nanoseconds, ascending.
    package let timestamps: UnsafeBufferPointer<Int64>
    /// All lines, one after the other.
    package let lines: UnsafeRawBufferPointer
    /// Where line `i` ends in `lines`; it starts where the one before ends.
    package let lineEnds: UnsafeBufferPointer<UInt32>
    /// Distinct sets of structured metadata in `Labels`' encoding, one after the other.
    package let metadataSets: UnsafeRawBufferPointer
    /// Where set `k` ends in `metadataSets`.
    package let metadataEnds: UnsafeBufferPointer<UInt32>
    /// The metadata set of each entry.
    package let metadataIDs: UnsafeBufferPointer<UInt32>
    /// The entries that passed, ascending.
    package let rows: UnsafeBufferPointer<UInt32>

    /// A view over columns of equal length.
    package init(
        streamID: UInt64, labels: Labels, timestamps: UnsafeBufferPointer<Int64>, lines: UnsafeRawBufferPointer,
        lineEnds: UnsafeBufferPointer<UInt32>, metadataSets: UnsafeRawBufferPointer,
        metadataEnds: UnsafeBufferPointer<UInt32>, metadataIDs: UnsafeBufferPointer<UInt32>,
        rows: UnsafeBufferPointer<UInt32>
    ) {
        self.streamID = streamID
        self.labels = labels
        self.timestamps = timestamps
        self.lines = lines
        self.lineEnds = lineEnds
        self.metadataSets = metadataSets
        self.metadataEnds = metadataEnds
        self.metadataIDs = metadataIDs
        self.rows = rows
    }

    /// The same columns with other entries that passed.
    func selecting(_ rows: UnsafeBufferPointer<UInt32>) -> LogBatch {
        LogBatch(
            streamID: streamID, labels: labels, timestamps: timestamps, lines: lines, lineEnds: lineEnds,
            metadataSets: metadataSets, metadataEnds: metadataEnds, metadataIDs: metadataIDs, rows: rows)
    }

    /// The bytes of one line.
    package func line(_ row: Int) -> UnsafeRawBufferPointer {
        let start = row == 0 ? 0 : Int(lineEnds[row - 1])
        return UnsafeRawBufferPointer(rebasing: lines[start..<Int(lineEnds[row])])
    }

    /// The number of bytes of one line.
    package func lineLength(_ row: Int) -> Int {
        Int(lineEnds[row]) - (row == 0 ? 0 : Int(lineEnds[row - 1]))
    }

    /// The bytes of one metadata set, in `Labels`' encoding.
    package func metadataSet(_ id: Int) -> UnsafeRawBufferPointer {
        let start = id == 0 ? 0 : Int(metadataEnds[id - 1])
        return UnsafeRawBufferPointer(rebasing: metadataSets[start..<Int(metadataEnds[id])])
    }
}
