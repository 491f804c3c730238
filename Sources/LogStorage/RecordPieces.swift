import MartletCore

/// Deals a record to `apply` in pieces of some entries each, in the record's order. A record may be as large as the largest
/// push: no lock is held for all of it.
struct RecordPieces: LogRecord.Visitor {
    /// An entry; its bytes are the record's.
    struct Entry {
        let stream: Int
        let timestamp: Int64
        let line: UnsafeRawBufferPointer
        let metadata: UnsafeRawBufferPointer
    }

    /// A piece: entries with the labels of their streams.
    struct Entries {
        fileprivate var all: [Entry] = []
        fileprivate var labels: [UInt8] = []
        /// Where each stream's labels end in `labels`.
        fileprivate var ends: [Int] = []
        fileprivate var bytes = 0

        var count: Int { all.count }

        subscript(place: Int) -> Entry { all[place] }

        /// Gives the `Labels` encoding of an entry's stream to `body`.
        func withLabels<R>(of entry: Entry, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
            let start = entry.stream == 0 ? 0 : ends[entry.stream - 1]
            return try labels.withUnsafeBytes {
                try body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[entry.stream]]))
            }
        }
    }

    /// Each entry may be of a stream of its own.
    private static let mostEntries = 2048
    private static let mostBytes = 1 << 20

    private let apply: (Entries) throws -> Void
    private var piece = Entries()

    init(_ apply: @escaping (Entries) throws -> Void) { self.apply = apply }

    mutating func stream(_ labels: UnsafeRawBufferPointer) throws {
        piece.labels += labels
        piece.ends.append(piece.labels.count)
    }

    mutating func entry(
        _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer
    ) throws {
        piece.all.append(
            Entry(stream: piece.ends.count - 1, timestamp: timestamp, line: line, metadata: metadata))
        piece.bytes += line.count + metadata.count
        if piece.count >= Self.mostEntries || piece.bytes >= Self.mostBytes { try deal() }
    }

    /// Deals what is left; an empty piece where nothing is.
    mutating func end() throws { try apply(piece) }

    private mutating func deal() throws {
        try apply(piece)
        // The stream that goes on comes first in the next piece.
        let last = piece.ends.count - 1
        piece.labels.removeSubrange(..<(last == 0 ? 0 : piece.ends[last - 1]))
        piece.ends = [piece.labels.count]
        piece.all.removeAll(keepingCapacity: true)
        piece.bytes = 0
    }
}
