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
        var reader = BitReader(bytes, fromByte: 2)
        var time: Int64 = 0
        var delta: Int64 = 0
        var value: UInt64 = 0
        var leading: UInt64 = 0
        var trailing: UInt64 = 0
        for index in 0..<count {
            switch index {
            case 0:
                let raw = reader.uvarint()
                time = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
                value = reader.wide(64)
            default:
                if index == 1 {
                    delta = Int64(bitPattern: reader.uvarint())
                } else {
                    delta = delta &+ reader.deltaOfDelta()
                }
                time = time &+ delta
                if reader.bit() {
                    if reader.bit() {
                        leading = reader.narrow(5)
                        let significant = reader.narrow(6)
                        let width = significant == 0 ? 64 : significant
                        guard leading + width <= 64 else { return false }
                        trailing = 64 - leading - width
                    }
                    value ^= reader.wide(64 - leading - trailing) << trailing
                }
            }
            if reader.overran { return false }
            if time > end { return true }
            if time >= start {
                times.append(time)
                values.append(Double(bitPattern: value))
            }
        }
        return true
    }
}

/// Reads bits from the most significant on.
private struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let limit: Int
    /// Set when more was read than there is; what was read then is zeros.
    private(set) var overran = false

    init(_ bytes: UnsafeRawBufferPointer, fromByte: Int) {
        self.bytes = bytes
        position = fromByte * 8
        limit = bytes.count * 8
    }

    mutating func bit() -> Bool { narrow(1) != 0 }

    /// Up to 56 bits.
    mutating func narrow(_ width: UInt64) -> UInt64 {
        guard width > 0 else { return 0 }
        guard position + Int(width) <= limit else {
            overran = true
            position = limit
            return 0
        }
        let byte = position >> 3
        let word: UInt64
        if byte + 8 <= bytes.count {
            word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: byte, as: UInt64.self))
        } else {
            var tail: UInt64 = 0
            for index in 0..<8 { tail = tail << 8 | (byte + index < bytes.count ? UInt64(bytes[byte + index]) : 0) }
            word = tail
        }
        let result = (word << UInt64(position & 7)) >> (64 - width)
        position += Int(width)
        return result
    }

    /// Up to 64 bits.
    mutating func wide(_ width: UInt64) -> UInt64 {
        guard width > 32 else { return narrow(width) }
        let high = narrow(width - 32)
        return high << 32 | narrow(32)
    }

    mutating func uvarint() -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            let byte = narrow(8)
            if shift < 64 { result |= (byte & 0x7F) << shift }
            if byte < 0x80 { return result }
            shift += 7
        }
        overran = true
        return 0
    }

    mutating func deltaOfDelta() -> Int64 {
        guard bit() else { return 0 }
        if !bit() { return signed(14) }
        if !bit() { return signed(17) }
        if !bit() { return signed(20) }
        return Int64(bitPattern: wide(64))
    }

    /// A number of `width` bits in the range -(2^(width-1) - 1) ... 2^(width-1).
    private mutating func signed(_ width: UInt64) -> Int64 {
        let raw = Int64(bitPattern: narrow(width))
        return raw > 1 << (Int64(width) - 1) ? raw - 1 << Int64(width) : raw
    }
}
