import Compression
import MartletCore

/// The framing of records in a segment, byte for byte that of Prometheus' write-ahead log.
///
/// A segment is a run of 32 KiB pages. A record is one or more fragments; a fragment never crosses a page:
///
///     type u8 | length u16 BE | CRC32C(data) u32 BE | data
///
/// The type's low 3 bits: 0 the rest of the page is zero, 1 full, 2 first, 3 middle, 4 last; +0x08 the record is
/// snappy, +0x10 zstd (compressed before it is split). A page with fewer than 7 bytes left is filled with zeros.
enum RecordFrame {
    static let pageSize = 32 * 1024
    static let headerSize = 7

    static let pageEnd: UInt8 = 0
    static let full: UInt8 = 1
    static let first: UInt8 = 2
    static let middle: UInt8 = 3
    static let last: UInt8 = 4
    static let typeMask: UInt8 = 0x07
    static let compressionMask: UInt8 = 0x18

    /// Bytes of records that a segment can still take from an offset in it; one record must fit in that.
    static func capacity(segmentBytes: Int, offset: Int) -> Int {
        let inPage = pageSize - offset % pageSize - headerSize
        let pagesAfter = (segmentBytes - offset - 1) / pageSize
        return offset >= segmentBytes ? 0 : inPage + pagesAfter * (pageSize - headerSize)
    }

    /// Appends one record's fragments to `output`, which continues a segment at `offset` (advanced).
    static func append(
        _ record: UnsafeRawBufferPointer, flag: UInt8, to output: inout [UInt8], offset: inout Int
    ) {
        var start = 0
        var isFirst = true
        repeat {
            let room = pageSize - offset % pageSize - headerSize
            let count = min(record.count - start, room)
            let ends = start + count == record.count
            let kind = isFirst ? (ends ? full : first) : (ends ? last : middle)
            appendFragment(UnsafeRawBufferPointer(rebasing: record[start..<start + count]), kind | flag, &output)
            isFirst = false
            start += count
            offset += headerSize + count
            padIfFull(&output, &offset)
        } while start < record.count
    }

    /// Fills the rest of a started page with zeros.
    static func pad(_ output: inout [UInt8], _ offset: inout Int) {
        let used = offset % pageSize
        guard used > 0 else { return }
        output.append(contentsOf: repeatElement(0, count: pageSize - used))
        offset += pageSize - used
    }

    private static func padIfFull(_ output: inout [UInt8], _ offset: inout Int) {
        if pageSize - offset % pageSize < headerSize { pad(&output, &offset) }
    }

    private static func appendFragment(_ data: UnsafeRawBufferPointer, _ type: UInt8, _ output: inout [UInt8]) {
        let checksum = CRC32C.checksum(data)
        output.append(type)
        output.append(UInt8(truncatingIfNeeded: data.count >> 8))
        output.append(UInt8(truncatingIfNeeded: data.count))
        for shift in stride(from: 24, through: 0, by: -8) {
            output.append(UInt8(truncatingIfNeeded: checksum >> UInt32(shift)))
        }
        output.append(contentsOf: data)
    }
}
