/// Records to be appended in one write: their bytes joined in one buffer, and where each ends.
package struct RecordBatch: Sendable {
    /// The records' bytes, one after the other.
    package private(set) var bytes: [UInt8] = []
    /// End offset of each record in `bytes`.
    package private(set) var ends: [Int] = []
    /// Whether the records are packed already, so that the log need not try to make them smaller.
    let isPacked: Bool

    /// An empty batch.
    package init() { isPacked = false }

    /// A batch of one record. The log does not compress one that `isPacked`.
    package init(_ record: [UInt8], isPacked: Bool = false) {
        bytes = record
        ends = [record.count]
        self.isPacked = isPacked
    }

    /// Number of records.
    package var count: Int { ends.count }
    /// Whether nothing was added.
    package var isEmpty: Bool { ends.isEmpty }

    /// Adds a record that `body` writes to the end of the given buffer.
    package mutating func add(_ body: (inout [UInt8]) -> Void) {
        body(&bytes)
        ends.append(bytes.count)
    }

    /// Adds a record.
    package mutating func add(_ record: some Sequence<UInt8>) {
        bytes.append(contentsOf: record)
        ends.append(bytes.count)
    }

    /// Empties the batch and keeps its memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}
