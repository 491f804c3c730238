/// Decodes XOR chunks (see `OpenChunk` for the layout) into columns.
///
/// Never reads outside its bytes: a chunk that ends too early gives the samples before the fault and `false`.
enum ChunkDecoder {
    /// Appends the samples with `start <= t <= end` to the columns. False when the chunk is cut off or malformed.
    @discardableResult
    static func decode(
        _ bytes: UnsafeRawBufferPointer, from start: Int64, to end: Int64, times: inout [Int64], values: inout [Double]
    ) -> Bool {
        guard bytes.count >= 2 else { return bytes.isEmpty }
        let count = Int(bytes[0]) << 8 | Int(bytes[1])
        guard count > 0 else { return true }
        // Decoded aside and appended as a whole: appending sample by sample costs as much as decoding.
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: count) { rawTimes in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { rawValues in
                let (decoded, isSound) = decode(bytes, count, to: end, rawTimes, rawValues)
                var first = 0
                if decoded > 0, rawTimes[0] < start { first = lowerBound(rawTimes, decoded, start) }
                if first < decoded {
                    times.append(contentsOf: UnsafeBufferPointer(rebasing: rawTimes[first..<decoded]))
                    values.append(contentsOf: UnsafeBufferPointer(rebasing: rawValues[first..<decoded]))
                }
                return isSound
            }
        }
    }

    /// The first of the ascending times that is at least `time`.
    private static func lowerBound(_ times: UnsafeMutableBufferPointer<Int64>, _ count: Int, _ time: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Decodes the samples up to a time, and gives how many there are and whether they are all: what comes after a fault is
    /// not. The memory must have room for `count` of them.
    ///
    /// The position is a local that the compiler keeps in a register, and shifts are the masking ones, since all
    /// distances are within 0 and 63: together that is twice as fast as a reader with state and checked shifts.
    private static func decode(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, to end: Int64, _ times: UnsafeMutableBufferPointer<Int64>,
        _ values: UnsafeMutableBufferPointer<Double>
    ) -> (count: Int, isSound: Bool) {
        guard let times = times.baseAddress, let values = values.baseAddress, let base = bytes.baseAddress else {
            return (0, false)
        }
        let bits = BitSource(base: base, byteCount: bytes.count)
        let limit = bytes.count &* 8
        var position = 16
        let raw = bits.uvarint(&position)
        var time = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
        var value = bits.peek(position) & ~0xFF | bits.peek(position &+ 56) &>> 56
        position &+= 64
        if position > limit { return (0, false) }
        if time > end { return (0, true) }
        times[0] = time
        values[0] = Double(bitPattern: value)
        guard count > 1 else { return (1, true) }
        var delta = Int64(bitPattern: bits.uvarint(&position))
        var head = bits.peek(position)
        var shift: UInt64 = 0
        var width: UInt64 = 64
        var index = 1
        while true {
            time = time &+ delta
            if time > end { return (index, position <= limit) }
            // Here `head` holds at least 33 bits from `position` on: enough for the head of a value.
            if Int64(bitPattern: head) >= 0 {
                position &+= 1
            } else {
                if head & 1 &<< 62 == 0 {
                    position &+= 2
                } else {
                    let leading = (head &<< 2) &>> 59
                    let significant = (head &<< 7) &>> 58
                    width = significant == 0 ? 64 : significant
                    guard leading &+ width <= 64 else { return (index, false) }
                    shift = 64 &- leading &- width
                    position &+= 13
                }
                if width <= 57 {
                    value ^= (bits.peek(position) &>> (64 &- width)) &<< shift
                } else {
                    let high = bits.peek(position) &>> 32
                    let low = bits.peek(position &+ 32) &>> (96 &- width)
                    value ^= (high &<< (width &- 32) | low) &<< shift
                }
                position &+= Int(truncatingIfNeeded: width)
            }
            if position > limit { return (index, false) }
            times[index] = time
            values[index] = Double(bitPattern: value)
            index &+= 1
            if index == count { return (count, true) }
            let word = bits.peek(position)
            if Int64(bitPattern: word) >= 0 {
                position &+= 1
                head = word &<< 1
                continue
            }
            let field: (prefix: UInt64, width: UInt64)
            switch (~word).leadingZeroBitCount {
            case 1: field = (2, 14)
            case 2: field = (3, 17)
            case 3: field = (4, 20)
            default:
                position &+= 4
                let change = bits.peek(position) & ~0xFF | bits.peek(position &+ 56) &>> 56
                position &+= 64
                delta = delta &+ Int64(bitPattern: change)
                head = bits.peek(position)
                continue
            }
            // A number in the range -(2^(width-1) - 1) ... 2^(width-1).
            let change = Int64(bitPattern: (word &<< field.prefix) &>> (64 &- field.width))
            delta = delta &+ (change > 1 &<< Int64(field.width &- 1) ? change &- 1 &<< Int64(field.width) : change)
            position &+= Int(truncatingIfNeeded: field.prefix &+ field.width)
            head = word &<< (field.prefix &+ field.width)
        }
    }
}

/// Bits from the most significant on. What lies beyond the end are zeros.
private struct BitSource {
    let base: UnsafeRawPointer
    let byteCount: Int

    /// The 57 bits or more that begin at `position`, from the top.
    @inline(__always)
    func peek(_ position: Int) -> UInt64 {
        let byte = position &>> 3
        guard byte &+ 8 <= byteCount else { return peekAtEnd(position) }
        let word = UInt64(bigEndian: base.loadUnaligned(fromByteOffset: byte, as: UInt64.self))
        return word &<< UInt64(truncatingIfNeeded: position & 7)
    }

    @inline(never)
    private func peekAtEnd(_ position: Int) -> UInt64 {
        let byte = position >> 3
        var word: UInt64 = 0
        for index in byte..<byte + 8 {
            word = word << 8 | (index < byteCount ? UInt64(base.load(fromByteOffset: index, as: UInt8.self)) : 0)
        }
        return word << UInt64(position & 7)
    }

    /// A number in LEB128. One that does not end leaves the position behind all bits.
    func uvarint(_ position: inout Int) -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = peek(position) >> 56
            position += 8
            result |= (byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        position = Int.max / 2
        return 0
    }
}
