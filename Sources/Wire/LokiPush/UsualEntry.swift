/// Reads an entry as clients write it: a timestamp of seconds and nanoseconds, then the line, each field once and nothing
/// else. Nearly all are like this, and need no cursor over messages in messages.
enum UsualEntry {
    /// The entry that the message at `bounds`, inside `bytes`, is; nil for any other layout, and for numbers that only a
    /// careful reader may judge.
    static func read(_ bytes: UnsafeRawBufferPointer, _ bounds: Range<Int>) -> (timestamp: Int64, line: ByteRange)? {
        let end = bounds.upperBound
        var position = bounds.lowerBound
        // Tag and length of the timestamp, which is shorter than 128 bytes.
        guard end - position > 2, bytes[position] == 0x0A else { return nil }
        let timeEnd = position + 2 + Int(bytes[position + 1])
        guard bytes[position + 1] < 0x80, timeEnd < end else { return nil }
        position += 2
        guard position < timeEnd, bytes[position] == 0x08 else { return nil }
        position += 1
        guard let seconds = number(bytes, &position, timeEnd) else { return nil }
        var nanoseconds: UInt64 = 0
        if position < timeEnd {
            guard bytes[position] == 0x10 else { return nil }
            position += 1
            guard let number = number(bytes, &position, timeEnd), number < 1_000_000_000 else { return nil }
            nanoseconds = number
        }
        guard position == timeEnd, bytes[position] == 0x12 else { return nil }
        position += 1
        guard let length = number(bytes, &position, end), Int(length) == end - position else { return nil }
        // Below 2³³ × 10⁹, which is less than 2⁶³.
        let timestamp = Int64(truncatingIfNeeded: seconds &* 1_000_000_000 &+ nanoseconds)
        return (timestamp, ByteRange(offset: position, count: Int(length)))
    }

    /// A varint below 2³³; nil for more and where `end` cuts it off.
    @inline(__always)
    private static func number(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift <= 28 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 { return value < 1 << 33 ? value : nil }
            shift &+= 7
        }
        return nil
    }
}
