import SampleMath

/// Decodes float chunks of encoding 4, in which time and value have a joint prefix, and staleness markers one of their
/// own (see Prometheus' tsdb/chunkenc/xor2.go). Never reads outside its bytes.
struct XOR2Decoder {
    private var reader: BitReader
    private var time: Int64 = 0
    private var delta: Int64 = 0
    private var value: UInt64 = 0
    /// The value that differences refer to: the last one that was no staleness marker.
    private var base: UInt64 = 0
    private var window = XORWindow()

    /// Visits the samples with `start <= t <= end`: time, start time (0 when not known), value. False when the chunk is cut
    /// off or malformed.
    @discardableResult
    static func decode(
        _ bytes: UnsafeRawBufferPointer, from start: Int64, to end: Int64, _ visit: (Int64, Int64, Double) -> Void
    ) -> Bool {
        guard bytes.count >= 3 else { return bytes.isEmpty }
        var decoder = XOR2Decoder(reader: BitReader(bytes, fromByte: 3))
        var starts = StartTimeReader(header: bytes[2])
        for index in 0..<ChunkEncoding.sampleCount(ChunkEncoding.xor2, bytes) {
            let previous = decoder.time
            guard decoder.read(index) else { return false }
            let began = starts.read(index, time: decoder.time, previous: previous, &decoder.reader)
            if decoder.reader.isOverrun { return false }
            if decoder.time > end { return true }
            if decoder.time >= start { visit(decoder.time, began, Double(bitPattern: decoder.value)) }
        }
        return true
    }

    private init(reader: BitReader) {
        self.reader = reader
    }

    private mutating func read(_ index: Int) -> Bool {
        if index == 0 {
            time = reader.varint()
            value = reader.bits(64)
            if !StaleNaN.isStale(Double(bitPattern: value)) { base = value }
            return true
        }
        if index == 1 {
            delta = Int64(bitPattern: reader.uvarint())
            time &+= delta
            return readValue()
        }
        var ones = 0
        while ones < 5, reader.bit() { ones += 1 }
        switch ones {
        case 2: delta &+= signed(13)
        case 3: delta &+= signed(20)
        case 4: delta &+= Int64(bitPattern: reader.bits(64))
        default: break
        }
        time &+= delta
        switch ones {
        case 0: return take(base)
        case 1: return readChange(isNewWindow: reader.bit())
        case 5: return take(StaleNaN.value.bitPattern, isBase: false)
        default: return readValue()
        }
    }

    /// The value behind a change of the distance: `0` as before, `10` in the last window, `110` in a new one, `111` stale.
    private mutating func readValue() -> Bool {
        guard reader.bit() else { return take(base) }
        guard reader.bit() else { return readChange(isNewWindow: false) }
        return reader.bit() ? take(StaleNaN.value.bitPattern, isBase: false) : readChange(isNewWindow: true)
    }

    private mutating func readChange(isNewWindow: Bool) -> Bool {
        var changed = base
        let isSound = isNewWindow ? reader.newWindow(&changed, &window) : reader.inWindow(&changed, window)
        return isSound && take(changed)
    }

    private mutating func take(_ bits: UInt64, isBase: Bool = true) -> Bool {
        value = bits
        if isBase { base = bits }
        return true
    }

    private mutating func signed(_ width: Int) -> Int64 {
        let shift = Int64(64 - width)
        return (Int64(bitPattern: reader.bits(width)) << shift) >> shift
    }
}
