import MartletCore

/// The attributes that are looked for, each with a number. Most attributes of a span are none of them, which their
/// length alone tells.
struct AttributeKeys {
    private(set) var keys: [[UInt8]] = []
    private var lengths: UInt64 = 0

    var count: Int { keys.count }

    /// The number of an attribute, a new one for one that was not asked for yet.
    mutating func number(of key: String) -> Int {
        let bytes = Array(key.utf8)
        if let known = keys.firstIndex(of: bytes) { return known }
        keys.append(bytes)
        lengths |= 1 << UInt64(bytes.count & 63)
        return keys.count - 1
    }

    /// The number of the attribute with this key; nil when nobody looks for it.
    @inline(__always)
    func find(_ key: UnsafeRawBufferPointer) -> Int? {
        guard lengths & (1 << UInt64(key.count & 63)) != 0 else { return nil }
        return keys.firstIndex { candidate in
            candidate.count == key.count && candidate.withUnsafeBytes { Bytes.equal($0, key) }
        }
    }
}
