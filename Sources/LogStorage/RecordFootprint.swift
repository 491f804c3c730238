import MartletCore

/// What a record will take in memory, counted by reading it whole: a record that cannot be read throws before any of it
/// is applied.
struct RecordFootprint: LogRecord.Visitor {
    private(set) var memoryBytes = 0
    private(set) var entryCount = 0
    /// Bytes of lines and metadata.
    private(set) var rawBytes = 0
    private var lastMetadata: [UInt8] = []

    /// A stream that is new costs its columns, its labels (in the registry and in a queue for the index) and its places.
    static func stream(labels: Int) -> Int { 1536 + 3 * labels }

    /// A line costs its bytes, its columns, and room for arrays to grow. Metadata equal to the line's before is shared.
    static func entry(bytes: Int) -> Int { 48 + 3 * bytes }

    mutating func stream(_ labels: UnsafeRawBufferPointer) throws {
        guard Labels(validating: [UInt8](labels)) != nil else { throw LogStorageError.invalidLabels }
        memoryBytes += Self.stream(labels: labels.count)
    }

    mutating func entry(_ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer) {
        let isShared = lastMetadata.withUnsafeBytes { Bytes.equal($0, metadata) }
        if !isShared { lastMetadata = [UInt8](metadata) }
        memoryBytes += Self.entry(bytes: line.count + (isShared ? 0 : metadata.count))
        entryCount += 1
        rawBytes += line.count + metadata.count
    }
}
