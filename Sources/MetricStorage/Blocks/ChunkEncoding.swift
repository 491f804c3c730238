/// The first byte of a stored chunk.
enum ChunkEncoding {
    static let xor: UInt8 = 1
    static let histogram: UInt8 = 2
    static let floatHistogram: UInt8 = 3
    static let xor2: UInt8 = 4
    static let histogramWithStart: UInt8 = 5
    static let floatHistogramWithStart: UInt8 = 6

    /// Samples in a chunk's data. Every encoding starts with a count of 16 bits; where start times are kept with
    /// histograms the top two bits hold something else.
    static func sampleCount(_ encoding: UInt8, _ data: UnsafeRawBufferPointer) -> Int {
        guard data.count >= 2 else { return 0 }
        let count = Int(data[0]) << 8 | Int(data[1])
        return encoding == histogramWithStart || encoding == floatHistogramWithStart ? count & 0x3FFF : count
    }

    /// Whether the samples are native histograms.
    static func isHistogram(_ encoding: UInt8) -> Bool {
        encoding == histogram || encoding == floatHistogram || encoding == histogramWithStart
            || encoding == floatHistogramWithStart
    }
}
