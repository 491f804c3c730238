import MartletCore

/// Values of labels, one after the other, each as its length (uvarint) and its bytes: what an entity is found by, without a
/// string.
struct LabelKey {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Begins anew with what another key has.
    mutating func begin(with prefix: LabelKey) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: prefix.bytes)
    }

    /// Adds a value, cut at a character's border when it is longer than `limit` bytes.
    @inline(__always)
    mutating func append(_ value: UnsafeRawBufferPointer, limit: Int = .max) {
        let count = Self.end(value, limit: limit)
        var rest = count
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: value[..<count]))
    }

    mutating func append(_ value: [UInt8], limit: Int = .max) { value.withUnsafeBytes { append($0, limit: limit) } }

    @inline(__always)
    mutating func append(_ value: StaticString) {
        value.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    /// Where a text is cut that must not be longer than `limit` bytes: at a character's border.
    @inline(__always)
    static func end(_ text: UnsafeRawBufferPointer, limit: Int) -> Int {
        guard text.count > limit else { return text.count }
        var end = limit
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    static func end(_ text: [UInt8], limit: Int) -> Int { text.withUnsafeBytes { end($0, limit: limit) } }

    /// The values of a key.
    static func values(_ bytes: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
        var cursor = ByteCursor(bytes)
        var values: [UnsafeRawBufferPointer] = []
        while !cursor.isAtEnd {
            // Only what `append` wrote is read, or a file whose checksum held.
            guard let value = try? cursor.uvarintBytes() else { return values }
            values.append(value)
        }
        return values
    }
}
