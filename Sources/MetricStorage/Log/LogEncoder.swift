import MartletCore

/// Writes records of Prometheus' write-ahead log. Integers are big endian.
///
///     series     1 | {ref u64, uvarint pairs, {uvarint length, bytes} * 2 * pairs}*
///     samples    2 | ref0 u64 | t0 i64 | {varint ref-ref0, varint t-t0, f64}*
///     tombstones 3 | {ref u64, varint mint, varint maxt}*
///     exemplars  4 | as samples, each followed by its labels as in series
///     histograms 7 to 10 | as samples, each with the histogram in place of the value
///     metadata   6 | {uvarint ref, type u8, uvarint fields, {name, text}*}*, names "UNIT", "HELP" and our own "FAMILY"
struct LogEncoder {
    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { bytes.isEmpty }
    var count: Int { bytes.count }

    private var base: (ref: UInt64, time: Int64) = (0, 0)

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func series(_ ref: UInt64, _ labels: UnsafeRawBufferPointer) {
        if bytes.isEmpty { bytes.append(LogRecordKind.series.rawValue) }
        u64(ref)
        self.labels(labels)
    }

    mutating func sample(_ ref: UInt64, _ time: Int64, _ value: UInt64) {
        point(.samples, ref, time)
        u64(value)
    }

    mutating func exemplar(_ ref: UInt64, _ time: Int64, _ value: UInt64, _ labels: UnsafeRawBufferPointer) {
        point(.exemplars, ref, time)
        u64(value)
        self.labels(labels)
    }

    /// Adds a native histogram as `LogDecoder.histograms` gives it: one encoder takes one kind of record.
    mutating func histogram(_ kind: LogRecordKind, _ ref: UInt64, _ time: Int64, _ histogram: UnsafeRawBufferPointer) {
        point(kind, ref, time)
        bytes.append(contentsOf: histogram)
    }

    mutating func tombstone(_ ref: UInt64, _ minTime: Int64, _ maxTime: Int64) {
        if bytes.isEmpty { bytes.append(LogRecordKind.tombstones.rawValue) }
        u64(ref)
        varint(minTime)
        varint(maxTime)
    }

    mutating func metadata(_ ref: UInt64, _ metadata: MetadataRecord) {
        if bytes.isEmpty { bytes.append(LogRecordKind.metadata.rawValue) }
        uvarint(ref)
        bytes.append(metadata.type)
        var fields = [Array("UNIT".utf8), metadata.unit, Array("HELP".utf8), metadata.help]
        if !metadata.family.isEmpty { fields += [Array("FAMILY".utf8), metadata.family] }
        uvarint(UInt64(fields.count / 2))
        for field in fields {
            uvarint(UInt64(field.count))
            bytes.append(contentsOf: field)
        }
    }

    /// Appends one record of all these samples, at least one.
    static func append(_ samples: [Appender.Admitted], to out: inout [UInt8]) {
        guard let base = samples.first else { return }
        // Kind, reference and time of the first; then at most 10 bytes for each number and 8 for the value.
        let start = out.count
        let limit = 17 + samples.count * 28
        out.append(contentsOf: repeatElement(0, count: limit))
        let count = out.withUnsafeMutableBytes { all -> Int in
            guard let place = all.baseAddress.map({ $0 + start }) else { return 0 }
            place.storeBytes(of: LogRecordKind.samples.rawValue, as: UInt8.self)
            place.storeBytes(of: UInt64(base.ref.raw).bigEndian, toByteOffset: 1, as: UInt64.self)
            place.storeBytes(of: base.time.bigEndian, toByteOffset: 9, as: Int64.self)
            var position = 17
            for sample in samples {
                varint(Int64(sample.ref.raw) &- Int64(base.ref.raw), place, &position)
                varint(sample.time &- base.time, place, &position)
                place.storeBytes(of: sample.value.bigEndian, toByteOffset: position, as: UInt64.self)
                position &+= 8
            }
            return position
        }
        out.removeLast(limit - count)
    }

    @inline(__always)
    private static func varint(_ value: Int64, _ place: UnsafeMutableRawPointer, _ position: inout Int) {
        var rest = UInt64(bitPattern: value &<< 1) ^ UInt64(bitPattern: value &>> 63)
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: position, as: UInt8.self)
            position &+= 1
            rest &>>= 7
        }
        place.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: position, as: UInt8.self)
        position &+= 1
    }

    private mutating func point(_ kind: LogRecordKind, _ ref: UInt64, _ time: Int64) {
        if bytes.isEmpty {
            bytes.append(kind.rawValue)
            base = (ref, time)
            u64(ref)
            u64(UInt64(bitPattern: time))
        }
        varint(Int64(bitPattern: ref &- base.ref))
        varint(time &- base.time)
    }

    private mutating func labels(_ labels: UnsafeRawBufferPointer) {
        var count: UInt64 = 0
        Labels.walk(labels) { _, _ in count += 1 }
        uvarint(count)
        // The canonical encoding of a label set is the log's own.
        bytes.append(contentsOf: labels)
    }

    private mutating func u64(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func varint(_ value: Int64) {
        uvarint(UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
    }

    private mutating func uvarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
