import Glibc

/// The chunk that a series is being appended to, in Prometheus' XOR encoding (Gorilla, Pelkonen et al., VLDB 2015,
/// with Prometheus' bucket sizes):
///
///     u16 BE sample count | varint t0 | f64 v0 | uvarint t1-t0 | xor v1 | (delta of delta, xor)*
///
/// Bits are written from the most significant on. Delta of delta: `0`, `10`+14, `110`+17, `1110`+20, `1111`+64 bits.
/// Value: `0` unchanged, `10` + bits in the last window, `11` + 5 bits leading zeros + 6 bits length (0 is 64) + bits.
///
/// A plain struct around memory that it does not free by itself: the series table owns it and calls `release`.
struct OpenChunk {
    /// A chunk is closed beyond this many bytes.
    static let maxBytes = 1005
    /// Bytes behind the last written one that a 64-bit store may touch.
    private static let slack = 8
    private static let initialCapacity = 56

    private var base: UnsafeMutableRawPointer?
    private var capacity: UInt16 = 0
    /// Samples in the chunk.
    private(set) var count: UInt16 = 0
    private var bits: UInt32 = 0
    private var leading: UInt8 = 0xFF
    private var trailing: UInt8 = 0
    /// Timestamp of the first sample, milliseconds.
    private(set) var firstTime: Int64 = 0
    /// Timestamp of the last sample ever, milliseconds; the minimum before the first.
    private(set) var lastTime = Int64.min
    private var lastDelta: Int64 = 0
    private var lastBits: UInt64 = 0

    /// The last value, bit for bit.
    var lastValueBits: UInt64 { lastBits }
    /// Bytes of the encoded chunk.
    var byteCount: Int { Int(bits + 7) / 8 }
    /// Bytes of memory held.
    var memory: Int { Int(capacity) }
    var isEmpty: Bool { count == 0 }

    /// The encoded chunk; valid until the next append.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : byteCount) }

    /// Frees the memory and empties the chunk; what the last sample was stays known.
    mutating func release() {
        free(base)
        base = nil
        capacity = 0
        reset()
    }

    /// Empties the chunk and keeps its memory.
    mutating func reset() {
        count = 0
        bits = 0
        leading = 0xFF
        trailing = 0
    }

    /// Appends a sample. Its time must be later than the last one's (the caller checks), the value is raw bits.
    mutating func append(_ time: Int64, _ value: UInt64) {
        makeRoom()
        switch count {
        case 0:
            firstTime = time
            write(0, 16)
            writeVarint(UInt64(bitPattern: time << 1) ^ UInt64(bitPattern: time >> 63))
            write(value >> 32, 32)
            write(value & 0xFFFF_FFFF, 32)
            lastDelta = 0
        case 1:
            lastDelta = time &- lastTime
            writeVarint(UInt64(bitPattern: lastDelta))
            writeValue(value)
        default:
            let delta = time &- lastTime
            writeDeltaOfDelta(delta &- lastDelta)
            lastDelta = delta
            writeValue(value)
        }
        count += 1
        lastTime = time
        lastBits = value
        base?.storeBytes(of: count.bigEndian, as: UInt16.self)
    }

    private mutating func writeDeltaOfDelta(_ change: Int64) {
        func fits(_ bits: Int64) -> Bool { change >= -((1 << (bits - 1)) - 1) && change <= 1 << (bits - 1) }
        let raw = UInt64(bitPattern: change)
        if change == 0 {
            write(0, 1)
        } else if fits(14) {
            write(0b10 << 14 | raw & 0x3FFF, 16)
        } else if fits(17) {
            write(0b110 << 17 | raw & 0x1_FFFF, 20)
        } else if fits(20) {
            write(0b1110 << 20 | raw & 0xF_FFFF, 24)
        } else {
            write(0b1111, 4)
            write(raw >> 32, 32)
            write(raw & 0xFFFF_FFFF, 32)
        }
    }

    private mutating func writeValue(_ value: UInt64) {
        let change = value ^ lastBits
        guard change != 0 else { return write(0, 1) }
        let newLeading = UInt8(min(change.leadingZeroBitCount, 31))
        let newTrailing = UInt8(change.trailingZeroBitCount)
        if leading != 0xFF, newLeading >= leading, newTrailing >= trailing {
            write(0b10, 2)
            writeWide(change >> UInt64(trailing), 64 - UInt32(leading) - UInt32(trailing))
            return
        }
        leading = newLeading
        trailing = newTrailing
        let significant = 64 - UInt64(leading) - UInt64(trailing)
        // 6 bits hold 0...63; all 64 bits significant is written as 0.
        write(0b11 << 11 | UInt64(leading) << 6 | significant & 0x3F, 13)
        writeWide(change >> UInt64(trailing), UInt32(significant))
    }

    private mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            write(rest & 0x7F | 0x80, 8)
            rest >>= 7
        }
        write(rest, 8)
    }

    private mutating func writeWide(_ value: UInt64, _ width: UInt32) {
        if width > 32 {
            write(value >> 32, width - 32)
            write(value & 0xFFFF_FFFF, 32)
        } else {
            write(value, width)
        }
    }

    /// Writes the low `width` bits of `value`, at most 56: with up to 7 bits before them they fit one 64-bit word.
    /// Bits behind the end are zero in memory, so that writing is OR-ing into a big-endian word at the byte offset.
    private mutating func write(_ value: UInt64, _ width: UInt32) {
        guard let base else { return }
        let place = base + Int(bits >> 3)
        let used = bits & 7
        // All bits behind the used ones are overwritten, so that memory need not be cleared beforehand.
        let kept = used == 0 ? 0 : (UInt64(place.load(as: UInt8.self)) >> UInt64(8 - used)) << UInt64(64 - used)
        let word = kept | value << UInt64(64 - used - width)
        place.storeBytes(of: word.bigEndian, as: UInt64.self)
        bits += width
    }

    /// Makes room for the longest sample: 4 + 64 bits of time, 2 + 11 + 64 bits of value, or the 16 + 80 + 64 bits of
    /// the first.
    private mutating func makeRoom() {
        let needed = byteCount + 20 + Self.slack
        guard needed > Int(capacity) else { return }
        let larger = max(Self.initialCapacity, min(Int(capacity) * 2 + 8, Self.maxBytes + 48), needed)
        base = realloc(base, larger)
        capacity = UInt16(larger)
    }
}
