import CPlatform
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
    /// Chunks are meant to have this many samples, and are closed at twice as many.
    static let wantedSamples = 120
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
    /// Whether a further sample belongs into a new chunk.
    var isFull: Bool { Int(count) >= Self.wantedSamples * 2 || byteCount > Self.maxBytes }

    /// Milliseconds after its last sample when a series counts as silent: ten times the distance of its last two samples,
    /// and at least five minutes; an hour where that is not known.
    var patience: Int64 { count < 2 ? 3_600_000 : max(300_000, lastDelta > .max / 10 ? .max : lastDelta * 10) }

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

    /// Notes the time of a sample that went elsewhere: into a chunk of histograms, or one that a file has.
    mutating func note(_ time: Int64, _ value: UInt64 = 0) {
        lastTime = time
        lastBits = value
    }

    /// Asks for the memory that the next sample goes to.
    @inline(__always)
    func prefetchEnd() {
        if let base { cplatform_prefetch(base + Int(bits >> 3)) }
        if let base { cplatform_prefetch(base) }
    }

    /// Asks for all of the chunk's memory.
    @inline(__always)
    func prefetch() {
        guard let base else { return }
        var line = 0
        while line < byteCount {
            cplatform_prefetch(base + line)
            line += 64
        }
    }

    /// Appends a sample. Its time must be later than the last one's (the caller checks), the value is raw bits.
    mutating func append(_ time: Int64, _ value: UInt64) {
        makeRoom()
        guard let base else { return }
        var out = BitWriter(base, at: bits)
        switch count {
        case 0:
            firstTime = time
            out.write(0, 16)
            out.varint(UInt64(bitPattern: time << 1) ^ UInt64(bitPattern: time >> 63))
            out.write(value >> 32, 32)
            out.write(value & 0xFFFF_FFFF, 32)
            lastDelta = 0
        case 1:
            lastDelta = time &- lastTime
            out.varint(UInt64(bitPattern: lastDelta))
            write(value, (0, 0), &out)
        default:
            let delta = time &- lastTime
            let head = Self.deltaOfDelta(delta &- lastDelta, &out)
            lastDelta = delta
            write(value, head, &out)
        }
        bits = out.finish()
        count += 1
        lastTime = time
        lastBits = value
        base.storeBytes(of: count.bigEndian, as: UInt16.self)
    }

    /// The bits of a change of the distance: those of the long form are written at once, the others come back, so that
    /// they can be written together with what follows.
    @inline(__always)
    private static func deltaOfDelta(_ change: Int64, _ out: inout BitWriter) -> (bits: UInt64, width: UInt64) {
        let raw = UInt64(bitPattern: change)
        if change == 0 { return (0, 1) }
        // A field of n bits holds -(2^(n-1) - 1) … 2^(n-1).
        switch change {
        case -0x1FFF...0x2000: return (0b10 << 14 | raw & 0x3FFF, 16)
        case -0xFFFF...0x1_0000: return (0b110 << 17 | raw & 0x1_FFFF, 20)
        case -0x7_FFFF...0x8_0000: return (0b1110 << 20 | raw & 0xF_FFFF, 24)
        default:
            out.write(0b1111, 4)
            out.write(raw >> 32, 32)
            out.write(raw & 0xFFFF_FFFF, 32)
            return (0, 0)
        }
    }

    /// Writes a value behind at most 24 other bits.
    @inline(__always)
    private mutating func write(_ value: UInt64, _ head: (bits: UInt64, width: UInt64), _ out: inout BitWriter) {
        let change = value ^ lastBits
        guard change != 0 else { return out.write(head.bits &<< 1, head.width &+ 1) }
        let newLeading = UInt8(truncatingIfNeeded: min(change.leadingZeroBitCount, 31))
        let newTrailing = UInt8(truncatingIfNeeded: change.trailingZeroBitCount)
        if leading != 0xFF, newLeading >= leading, newTrailing >= trailing {
            out.write(head.bits &<< 2 | 0b10, head.width &+ 2)
        } else {
            leading = newLeading
            trailing = newTrailing
            let significant = 64 &- UInt64(leading) &- UInt64(trailing)
            // 6 bits hold 0...63; all 64 bits significant is written as 0.
            let window = 0b11 << 11 | UInt64(leading) &<< 6 | significant & 0x3F
            out.write(head.bits &<< 13 | window, head.width &+ 13)
        }
        let width = 64 &- UInt64(leading) &- UInt64(trailing)
        let payload = change &>> UInt64(trailing)
        if width > 56 {
            out.write(payload &>> 32, width &- 32)
            out.write(payload & 0xFFFF_FFFF, 32)
        } else {
            out.write(payload, width)
        }
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
