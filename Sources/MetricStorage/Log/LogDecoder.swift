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

    /// Visits the samples of a record: reference, time, bits of the value.
    static func samples(
        _ record: UnsafeRawBufferPointer, _ visit: (UInt64, Int64, UInt64) -> Void
    ) throws(ByteCursorError) {
        guard record.count > 1 else { return }
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

    /// Visits the metadata of a record: reference, type, unit, help. The buffers live for the call only.
    static func metadata(
        _ record: UnsafeRawBufferPointer,
        _ visit: (UInt64, UInt8, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) throws(ByteCursorError) {
        var cursor = ByteCursor(record, offset: 1)
        while !cursor.isAtEnd {
            let ref = try cursor.uvarint()
            let type = try cursor.u8()
            let fields = try cursor.uvarint()
            var unit = UnsafeRawBufferPointer(start: nil, count: 0)
            var help = unit
            var index: UInt64 = 0
            while index < fields {
                let key = try cursor.uvarintBytes()
                let value = try cursor.uvarintBytes()
                if key.elementsEqual("UNIT".utf8) { unit = value }
                if key.elementsEqual("HELP".utf8) { help = value }
                index += 1
            }
            visit(ref, type, unit, help)
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
