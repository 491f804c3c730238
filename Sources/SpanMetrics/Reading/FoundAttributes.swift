import MartletCore
import Wire

/// Where a request's bytes have the values of the attributes that are looked for: bounds of AnyValue messages, by number.
struct FoundAttributes {
    private static let absent = -1 ..< -1
    private var values: [Range<Int>]

    init(count: Int) {
        values = Array(repeating: Self.absent, count: count)
    }

    subscript(number: Int) -> Range<Int>? {
        let bounds = values[number]
        return bounds.lowerBound < 0 ? nil : bounds
    }

    mutating func removeAll() {
        for number in values.indices { values[number] = Self.absent }
    }

    /// Takes a KeyValue message. Of several with one key the first counts.
    @inline(__always)
    mutating func take(_ pair: ProtoCursor, _ bytes: UnsafeRawBufferPointer, _ keys: AttributeKeys) throws(WireError) {
        var cursor = pair
        var number: Int?
        // A key without a value has the empty one.
        var value = pair.offset..<pair.offset
        while try cursor.next() {
            switch cursor.field {
            case 1:
                number = keys.find(UnsafeRawBufferPointer(rebasing: bytes[try cursor.delimited()]))
                if number == nil { return }
            case 2: value = try cursor.delimited()
            default: try cursor.skip()
            }
        }
        if let number, values[number].lowerBound < 0 { values[number] = value }
    }
}
