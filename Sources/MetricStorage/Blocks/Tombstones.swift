import Durable
import MartletCore

/// What was deleted from a block, as its file `tombstones` has it:
///
///     0130BA30 | version 1 | {uvarint series | varint mint | varint maxt}* | CRC32C of the entries, u32 BE
///
/// Source: Prometheus' tsdb/docs/format/tombstones.md and its writer.
struct Tombstones {
    static let fileName = "tombstones"
    private static let header: [UInt8] = [0x01, 0x30, 0xBA, 0x30, 1]
    private static let sizeLimit = 1 << 30

    private(set) var bySeries: [UInt64: DeletedTimes] = [:]

    /// Number of intervals.
    var count: Int { bySeries.values.reduce(0) { $0 + $1.intervals.count } }
    var isEmpty: Bool { bySeries.isEmpty }

    subscript(series: UInt64) -> DeletedTimes? { bySeries[series] }

    mutating func add(_ series: UInt64, _ interval: ClosedRange<Int64>) {
        bySeries[series, default: DeletedTimes()].add(interval)
    }

    mutating func remove(_ series: UInt64) { bySeries[series] = nil }

    // MARK: File

    init() {}

    /// Reads the file of a block's directory; a missing one says that nothing is deleted.
    init(directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        let path = FilePath.join(directory, Self.fileName)
        guard try fileSystem.exists(path) else { return }
        let bytes = try fileSystem.read(path, limit: Self.sizeLimit)
        func corrupt(_ offset: Int, _ reason: String) -> DurableError {
            DurableError(.corrupt, path: path, operation: "read tombstones", offset: Int64(offset), message: reason)
        }
        guard bytes.count >= Self.header.count + 4, bytes.starts(with: Self.header) else {
            throw corrupt(0, "this is no tombstones file of version 1")
        }
        let found = bytes.withUnsafeBytes { all -> [UInt64: DeletedTimes]? in
            let body = UnsafeRawBufferPointer(rebasing: all[Self.header.count..<all.count - 4])
            let stored = all.loadUnaligned(fromByteOffset: all.count - 4, as: UInt32.self)
            guard CRC32C.checksum(body) == UInt32(bigEndian: stored) else { return nil }
            return try? Self.entries(body)
        }
        guard let found else { throw corrupt(Self.header.count, "the entries are malformed or their checksum wrong") }
        bySeries = found
    }

    private static func entries(_ body: UnsafeRawBufferPointer) throws(ByteCursorError) -> [UInt64: DeletedTimes] {
        var tombstones = Tombstones()
        var cursor = ByteCursor(body)
        while !cursor.isAtEnd {
            let series = try cursor.uvarint()
            let first = try cursor.varint()
            let last = try cursor.varint()
            if first <= last { tombstones.add(series, first...last) }
        }
        return tombstones.bySeries
    }

    /// The file's content.
    var bytes: [UInt8] {
        var entries = ByteWriter()
        for (series, deleted) in bySeries.sorted(by: { $0.key < $1.key }) {
            for interval in deleted.intervals {
                entries.uvarint(series)
                entries.varint(interval.lowerBound)
                entries.varint(interval.upperBound)
            }
        }
        var file = ByteWriter(Self.header)
        file.append(entries.bytes)
        file.u32BE(entries.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        return file.bytes
    }

    /// Puts the file in place, replacing the one before.
    func publish(in directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        try AtomicFile.publish(FilePath.join(directory, Self.fileName), bytes, on: fileSystem)
    }
}
