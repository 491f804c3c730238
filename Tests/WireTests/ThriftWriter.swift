/// Thrift's binary protocol as a sender writes it. Structures are written by `body`, which ends with a stop by itself.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []

    static func structure(_ body: (inout ThriftWriter) -> Void) -> [UInt8] {
        var writer = ThriftWriter()
        body(&writer)
        writer.bytes.append(0)
        return writer.bytes
    }

    mutating func bool(_ field: Int16, _ value: Bool) {
        header(2, field)
        bytes.append(value ? 1 : 0)
    }

    mutating func double(_ field: Int16, _ value: Double) {
        header(4, field)
        number(value.bitPattern)
    }

    mutating func int32(_ field: Int16, _ value: Int32) {
        header(8, field)
        number(value)
    }

    mutating func int64(_ field: Int16, _ value: Int64) {
        header(10, field)
        number(value)
    }

    mutating func string(_ field: Int16, _ value: [UInt8]) {
        header(11, field)
        number(Int32(value.count))
        bytes += value
    }

    mutating func string(_ field: Int16, _ value: String) { string(field, Array(value.utf8)) }

    mutating func structure(_ field: Int16, _ body: (inout ThriftWriter) -> Void) {
        header(12, field)
        bytes += Self.structure(body)
    }

    mutating func list(_ field: Int16, _ structures: [[UInt8]]) {
        header(15, field)
        bytes.append(12)
        number(Int32(structures.count))
        for structure in structures { bytes += structure }
    }

    /// A field's type and number, without a value.
    mutating func header(_ type: UInt8, _ field: Int16) {
        bytes.append(type)
        number(field)
    }

    /// Bytes as they are.
    mutating func raw(_ raw: [UInt8]) { bytes += raw }

    private mutating func number<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.bigEndian) { bytes += Array($0) }
    }
}
