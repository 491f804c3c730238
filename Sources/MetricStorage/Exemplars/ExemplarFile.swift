import Durable
import MartletCore

/// The exemplars of a block, in a file beside those that Prometheus knows, which ignores it:
///
///     "MTEX" | version 1 | 3 zero bytes
///     groups by series: uvarint count | {varint time - time before | f64 value | uvarint length | labels}* | CRC32C
///     {series u32 | offset of its group u64}* | offset of this table u64 | groups u32 | first time i64 | last time i64 |
///         CRC32C of table and the four before
///
/// Integers are big endian; a series is named as in the block's index; labels are in the canonical encoding. The ending is
/// checked when the file is opened, a group when it is read. The format is described in docs/formats/metric-exemplars.md.
struct ExemplarFile: Sendable {
    static let fileName = "exemplars"
    static let header: [UInt8] = Array("MTEX".utf8) + [1, 0, 0, 0]
    /// Bytes of a line of the table.
    static let lineSize = 12
    /// Bytes behind the table, its checksum included.
    static let endingSize = 32

    let path: String
    /// Times of all exemplars: they may lie outside those of the block's samples.
    let times: ClosedRange<Int64>
    /// Number of groups, which is that of the series.
    let count: Int
    private let map: MappedFile
    private let table: Int

    /// Opens the file of a block's directory; nil when there is none.
    init?(directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        let path = FilePath.join(directory, Self.fileName)
        guard try fileSystem.exists(path) else { return nil }
        let map = try fileSystem.map(path)
        guard let ending = map.withBytes({ Self.ending($0) }) else {
            throw DurableError(
                .corrupt, path: path, operation: "read exemplars",
                message: "this is no file of version 1, or it is cut off or damaged at its end")
        }
        self.path = path
        self.map = map
        (table, count, times) = ending
    }

    private static func ending(
        _ bytes: UnsafeRawBufferPointer
    ) -> (table: Int, count: Int, times: ClosedRange<Int64>)? {
        guard bytes.count >= header.count + endingSize, bytes.starts(with: header) else { return nil }
        let start = bytes.count - endingSize
        var cursor = ByteCursor(bytes, offset: start)
        do throws(ByteCursorError) {
            guard let table = Int(exactly: try cursor.u64BE()) else { return nil }
            let count = Int(try cursor.u32BE())
            let first = Int64(bitPattern: try cursor.u64BE())
            let last = Int64(bitPattern: try cursor.u64BE())
            guard table >= header.count, table <= start, start - table == count * lineSize, first <= last else {
                return nil
            }
            let checked = UnsafeRawBufferPointer(rebasing: bytes[table..<cursor.offset])
            guard try cursor.u32BE() == CRC32C.checksum(checked) else { return nil }
            return (table, count, first...last)
        } catch {
            return nil
        }
    }

    /// Bytes of the file.
    var byteCount: Int { map.count }

    /// Fails when some of the file cannot be had: to be called before reading, so that the error says so, and after it, since
    /// not all that is read has a checksum.
    func verify() throws(DurableError) { try map.verify() }

    /// The series of a group; they ascend.
    func series(_ group: Int) -> UInt32 { map.withBytes { Self.line($0, table, group).series } }

    /// The exemplars of a series, by time; none when it has none.
    func exemplars(of series: UInt32) throws(DurableError) -> [StoredExemplar] {
        let place = (0..<count).partitioningIndex { self.series($0) >= series }
        return place < count && self.series(place) == series ? try exemplars(place) : []
    }

    /// The exemplars of a group.
    func exemplars(_ group: Int) throws(DurableError) -> [StoredExemplar] {
        let (offset, found) = map.withBytes { bytes -> (Int, [StoredExemplar]?) in
            let start = Self.line(bytes, table, group).offset
            let end = group + 1 < count ? Self.line(bytes, table, group + 1).offset : table
            guard start >= Self.header.count, end <= table, end - start > 4 else { return (start, nil) }
            return (start, Self.decode(UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
        }
        guard let found else {
            throw DurableError(
                .corrupt, path: path, operation: "read exemplars", offset: Int64(offset),
                message: "the exemplars of a series are malformed or their checksum wrong")
        }
        return found
    }

    private static func line(
        _ bytes: UnsafeRawBufferPointer, _ table: Int, _ group: Int
    ) -> (series: UInt32, offset: Int) {
        let place = table + group * lineSize
        let series = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        let offset = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt64.self))
        return (series, Int(clamping: offset))
    }

    private static func decode(_ group: UnsafeRawBufferPointer) -> [StoredExemplar]? {
        let body = UnsafeRawBufferPointer(rebasing: group[..<(group.count - 4)])
        let stored = UInt32(bigEndian: group.loadUnaligned(fromByteOffset: group.count - 4, as: UInt32.self))
        guard CRC32C.checksum(body) == stored else { return nil }
        var cursor = ByteCursor(body)
        do throws(ByteCursorError) {
            var left = try cursor.uvarint()
            var time: Int64 = 0
            var found: [StoredExemplar] = []
            while left > 0 {
                time &+= try cursor.varint()
                let value = try cursor.u64BE()
                let labels = try cursor.uvarintBytes()
                var walk = LabelWalk(labels)
                while walk.next() != nil {}
                guard walk.ended else { return nil }
                found.append(StoredExemplar(time: time, value: value, labels: Array(labels)))
                left -= 1
            }
            return cursor.isAtEnd ? found : nil
        } catch {
            return nil
        }
    }
}
