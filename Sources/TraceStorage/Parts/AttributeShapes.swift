import MartletCore

/// The shapes of a scope's attributes in a row group: for each the slots of the attributes, in their order.
struct AttributeShapes: Sendable {
    let slots: [[Int]]

    static let none = AttributeShapes(slots: [])

    private init(slots: [[Int]]) {
        self.slots = slots
    }

    init(decoding bytes: UnsafeRawBufferPointer, shapes: Int, slots limit: Int) throws(PartFormatError) {
        var cursor = ByteCursor(bytes)
        var slots: [[Int]] = []
        for _ in 0..<shapes {
            let count = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.uvarint() }
            guard count <= UInt64(cursor.remaining) else { throw PartFormatError("a shape does not fit its page") }
            var shape: [Int] = []
            shape.reserveCapacity(Int(count))
            for _ in 0..<count {
                let slot = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.uvarint() }
                guard slot < UInt64(limit) else { throw PartFormatError("a shape names a key that is not there") }
                shape.append(Int(slot))
            }
            slots.append(shape)
        }
        guard cursor.isAtEnd else { throw PartFormatError("the page of shapes is too long") }
        self.slots = slots
    }
}
