/// The values of one operand for all rows of a table: a type tag and 64 bits each.
package struct ValueColumn: Sendable {
    /// What the bits of a row mean.
    package enum Tag: UInt8, Sendable {
        case missing = 0
        /// A string's code in the column's dictionary.
        case string = 1
        /// Int64.
        case int = 2
        /// The bit pattern of a Double.
        case double = 3
        /// 0 or 1.
        case bool = 4
        /// An index into `arrays`.
        case array = 5
        /// A map or bytes: present, and equal to nothing.
        case opaque = 6
    }

    /// One raw `Tag` a row.
    package var tags: [UInt8]
    /// The payloads.
    package var bits: [UInt64]
    /// The elements of array values.
    package var arrays: [[Value]] = []
    /// The strings.
    package var dictionary: any StringDictionary = ListedStrings()

    /// A column in which every value is missing.
    package init(count: Int) {
        tags = [UInt8](repeating: 0, count: count)
        bits = [UInt64](repeating: 0, count: count)
    }

    /// Bytes of memory held, about, the strings' among them.
    package var memory: Int {
        arrays.reduce(tags.count * 9 + dictionary.memory) { bytes, elements in
            elements.reduce(bytes + 48) { $0 + $1.memory }
        }
    }

    /// Sets the value of a row.
    @inline(__always)
    package mutating func set(_ row: Int, _ tag: Tag, _ payload: UInt64) {
        tags[row] = tag.rawValue
        bits[row] = payload
    }

    /// A column without gaps, all of one type; `payload` is asked once for each row, upwards.
    @inline(__always)
    package init(count: Int, _ tag: Tag, _ payload: (Int) -> UInt64) {
        tags = [UInt8](repeating: tag.rawValue, count: count)
        bits = [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
            for row in 0..<count { buffer[row] = payload(row) }
            filled = count
        }
    }

    /// The value of a row, with its bytes copied.
    package func value(_ row: Int) -> Value {
        switch Tag(rawValue: tags[row]) {
        case .string:
            var text: [UInt8] = []
            dictionary.withString(UInt32(bits[row])) { text.append(contentsOf: $0) }
            return .string(text)
        case .int: return .int(Int64(bitPattern: bits[row]))
        case .double: return .double(Double(bitPattern: bits[row]))
        case .bool: return .bool(bits[row] != 0)
        case .array: return .array(arrays[Int(bits[row])])
        case .opaque: return .opaque
        case .missing, nil: return .missing
        }
    }
}
