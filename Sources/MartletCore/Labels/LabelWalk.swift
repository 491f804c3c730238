/// Walks the flat label encoding. It never reads outside the buffer: a broken encoding ends the walk early.
package struct LabelWalk {
    private let buffer: UnsafeRawBufferPointer
    /// Where the next pair begins.
    private(set) var offset = 0
    /// False once a length was written with more bytes than it needs.
    package private(set) var minimal = true

    /// A walk from the start of `buffer`, which must outlive it.
    package init(_ buffer: UnsafeRawBufferPointer) {
        self.buffer = buffer
    }

    /// True when the walk came to the very end.
    package var ended: Bool { offset == buffer.count }

    /// The next pair; nil at the end.
    package mutating func next() -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard offset < buffer.count else { return nil }
        let start = offset
        guard let name = field(), let value = field() else {
            offset = start
            return nil
        }
        return (name, value)
    }

    private mutating func field() -> UnsafeRawBufferPointer? {
        guard offset < buffer.count else { return nil }
        var length = Int(buffer[offset])
        offset += 1
        if length >= 0x80 {
            length &= 0x7f
            var shift = 7
            while true {
                guard offset < buffer.count, shift < 56 else { return nil }
                let byte = buffer[offset]
                offset += 1
                length |= Int(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 {
                    if byte == 0 { minimal = false }
                    break
                }
            }
        }
        guard length <= buffer.count - offset else { return nil }
        defer { offset += length }
        return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + length])
    }
}
