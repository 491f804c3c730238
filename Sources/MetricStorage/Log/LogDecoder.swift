import MartletCore

/// Reads records of Prometheus' write-ahead log (see `LogEncoder` for the layouts).
///
/// Each visitor returns nothing and may be called for the sound beginning of a record that is found malformed later.
enum LogDecoder {
    static func kind(_ record: UnsafeRawBufferPointer) -> LogRecordKind? {
        record.first.flatMap(LogRecordKind.init(rawValue:))
    }

    /// Visits the series of a record with their canonical label bytes, which live for the call only.
    static func series(
        _ record: UnsafeRawBufferPointer, _ visit: (UInt64, UnsafeRawBufferPointer) -> Void
    ) throws(ByteCursorError) {
        var cursor = ByteCursor(record, offset: 1)
        while !cursor.isAtEnd {
            let ref = try cursor.u64BE()
            try labels(&cursor) { visit(ref, $0) }
        }
    }

    /// Visits the samples of a record, of either kind: reference, time, bits of the value. Start times are passed over.
    static func samples(
        _ record: UnsafeRawBufferPointer, _ visit: (UInt64, Int64, UInt64) -> Void
    ) throws(ByteCursorError) {
        guard record.count > 1 else { return }
        if kind(record) == .startTimeSamples {
            var cursor = ByteCursor(record, offset: 1)
            return try withStartTimes(&cursor) { (ref, time, cursor) throws(ByteCursorError) in
                visit(ref, time, try cursor.u64BE())
            }
        }
        var cursor = ByteCursor(record, offset: 1)
        let ref = try cursor.u64BE()
        let time = Int64(bitPattern: try cursor.u64BE())
        while !cursor.isAtEnd {
            let refDelta = UInt64(bitPattern: try cursor.varint())
            let timeDelta = try cursor.varint()
            visit(ref &+ refDelta, time &+ timeDelta, try cursor.u64BE())
        }
    }

    /// Visits the exemplars of a record: reference, time, bits of the value, canonical label bytes.
    static func exemplars(
        _ record: UnsafeRawBufferPointer, _ visit: (UInt64, Int64, UInt64, UnsafeRawBufferPointer) -> Void
    ) throws(ByteCursorError) {
        guard record.count > 1 else { return }
        var cursor = ByteCursor(record, offset: 1)
        let ref = try cursor.u64BE()
        let time = Int64(bitPattern: try cursor.u64BE())
        while !cursor.isAtEnd {
            let refDelta = UInt64(bitPattern: try cursor.varint())
            let timeDelta = try cursor.varint()
            let value = try cursor.u64BE()
            try labels(&cursor) { visit(ref &+ refDelta, time &+ timeDelta, value, $0) }
        }
    }

    /// Visits the native histograms of a record of any of their kinds: reference, time, encoded histogram. The buffer
    /// lives for the call only.
    static func histograms(
        _ record: UnsafeRawBufferPointer, _ visit: (UInt64, Int64, UnsafeRawBufferPointer) -> Void
    ) throws(ByteCursorError) {
        guard record.count > 1 else { return }
        let kind = kind(record)
        let isFloat = kind?.hasFloatCounts ?? false
        var cursor = ByteCursor(record, offset: 1)
        if kind?.hasStartTimes ?? false {
            return try withStartTimes(&cursor) { (ref, time, cursor) throws(ByteCursorError) in
                let start = cursor.offset
                try skipHistogram(&cursor, isFloat: isFloat)
                visit(ref, time, UnsafeRawBufferPointer(rebasing: record[start..<cursor.offset]))
            }
        }
        let ref = try cursor.u64BE()
        let time = Int64(bitPattern: try cursor.u64BE())
        while !cursor.isAtEnd {
            let refDelta = UInt64(bitPattern: try cursor.varint())
            let timeDelta = try cursor.varint()
            let start = cursor.offset
            try skipHistogram(&cursor, isFloat: isFloat)
            let histogram = UnsafeRawBufferPointer(rebasing: record[start..<cursor.offset])
            visit(ref &+ refDelta, time &+ timeDelta, histogram)
        }
    }

    /// Visits samples with start times: before the first stand its reference, its time and its start, before each further
    /// one the reference's distance to the one before, the time's to the first, and a mark: 0 for no start, 1 for the same
    /// as before, 2 for one that follows as its distance to the first. `value` reads what comes behind.
    /// Source: Prometheus' tsdb/docs/format/wal.md.
    private static func withStartTimes(
        _ cursor: inout ByteCursor,
        _ value: (UInt64, Int64, inout ByteCursor) throws(ByteCursorError) -> Void
    ) throws(ByteCursorError) {
        let sameStart: UInt8 = 1
        var ref = UInt64(bitPattern: try cursor.varint())
        let time = try cursor.varint()
        _ = try cursor.varint()
        try value(ref, time, &cursor)
        while !cursor.isAtEnd {
            ref &+= UInt64(bitPattern: try cursor.varint())
            let timeDelta = try cursor.varint()
            if try cursor.u8() > sameStart { _ = try cursor.varint() }
            try value(ref, time &+ timeDelta, &cursor)
        }
    }

    /// Visits the deletions of a record: reference, first and last deleted time.
    static func tombstones(
        _ record: UnsafeRawBufferPointer, _ visit: (UInt64, Int64, Int64) -> Void
    ) throws(ByteCursorError) {
        var cursor = ByteCursor(record, offset: 1)
        while !cursor.isAtEnd {
            let ref = try cursor.u64BE()
            let first = try cursor.varint()
            visit(ref, first, try cursor.varint())
        }
    }

    /// Visits the metadata of a record with the reference of the series.
    static func metadata(
        _ record: UnsafeRawBufferPointer, _ visit: (UInt64, MetadataRecord) -> Void
    ) throws(ByteCursorError) {
        var cursor = ByteCursor(record, offset: 1)
        while !cursor.isAtEnd {
            let ref = try cursor.uvarint()
            var metadata = MetadataRecord(type: try cursor.u8(), unit: [], help: [], family: [])
            let fields = try cursor.uvarint()
            var index: UInt64 = 0
            while index < fields {
                let key = try cursor.uvarintBytes()
                let value = try cursor.uvarintBytes()
                if key.elementsEqual("UNIT".utf8) { metadata.unit = Array(value) }
                if key.elementsEqual("HELP".utf8) { metadata.help = Array(value) }
                if key.elementsEqual("FAMILY".utf8) { metadata.family = Array(value) }
                index += 1
            }
            visit(ref, metadata)
        }
    }

    /// Passes over a histogram: reset hint, schema, zero threshold, zero count, count, sum; the spans and then the buckets
    /// of both signs; the bounds, where the schema is that of custom buckets.
    private static func skipHistogram(_ cursor: inout ByteCursor, isFloat: Bool) throws(ByteCursorError) {
        let customBuckets: Int64 = -53
        try cursor.skip(1)
        let schema = try cursor.varint()
        try cursor.skip(8)
        for _ in 0..<2 { try skipCount(&cursor, isFloat: isFloat) }
        try cursor.skip(8)
        for _ in 0..<2 {
            try skipList(&cursor) { (cursor: inout ByteCursor) throws(ByteCursorError) in
                _ = try cursor.varint()
                _ = try cursor.uvarint()
            }
        }
        for _ in 0..<2 {
            try skipList(&cursor) { (cursor: inout ByteCursor) throws(ByteCursorError) in
                try skipCount(&cursor, isFloat: isFloat)
            }
        }
        guard schema == customBuckets else { return }
        try skipList(&cursor) { (cursor: inout ByteCursor) throws(ByteCursorError) in try cursor.skip(8) }
    }

    private static func skipCount(_ cursor: inout ByteCursor, isFloat: Bool) throws(ByteCursorError) {
        if isFloat { try cursor.skip(8) } else { _ = try cursor.uvarint() }
    }

    private static func skipList(
        _ cursor: inout ByteCursor, _ element: (inout ByteCursor) throws(ByteCursorError) -> Void
    ) throws(ByteCursorError) {
        var left = try cursor.uvarint()
        while left > 0 {
            try element(&cursor)
            left -= 1
        }
    }

    /// Reads a label set; one that is not in canonical order is brought into it.
    private static func labels(
        _ cursor: inout ByteCursor, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(ByteCursorError) {
        let count = try cursor.uvarint()
        let start = cursor.offset
        var index: UInt64 = 0
        while index < count {
            _ = try cursor.uvarintBytes()
            _ = try cursor.uvarintBytes()
            index += 1
        }
        let raw = UnsafeRawBufferPointer(rebasing: cursor.buffer[start..<cursor.offset])
        if isCanonical(raw) { return body(raw) }
        var builder = LabelsBuilder()
        Labels.walk(raw) { builder.setBytes($0, $1) }
        builder.build().bytes.withUnsafeBytes { body($0) }
    }

    private static func isCanonical(_ raw: UnsafeRawBufferPointer) -> Bool {
        var previous: UnsafeRawBufferPointer?
        var canonical = true
        Labels.walk(raw) { name, value in
            if value.isEmpty { canonical = false }
            if let previous, Bytes.compare(previous, name) >= 0 { canonical = false }
            previous = name
        }
        return canonical
    }
}
