package import PromQL
import SampleMath

/// Decodes a chunk of any encoding.
package enum ChunkReader {
    /// Whether this version knows the encoding.
    package static func knows(_ encoding: UInt8) -> Bool {
        (ChunkEncoding.xor...ChunkEncoding.floatHistogramWithStart).contains(encoding)
    }

    /// Appends the samples with `start <= t <= end`. False when the chunk is cut off or malformed; what is sound before
    /// the fault is appended.
    package static func samples(
        _ encoding: UInt8, _ bytes: UnsafeRawBufferPointer, from start: Int64, to end: Int64,
        into samples: inout SeriesSamples
    ) -> Bool {
        knows(encoding) && decode(encoding, bytes, from: start, to: end, into: &samples)
    }

    /// The same, for an encoding that is known.
    @inline(__always)
    static func decode(
        _ encoding: UInt8, _ bytes: UnsafeRawBufferPointer, from start: Int64, to end: Int64,
        into samples: inout SeriesSamples
    ) -> Bool {
        if encoding == ChunkEncoding.xor, samples.floatStartTimestamps.isEmpty {
            return ChunkDecoder.decode(
                bytes, from: start, to: end, times: &samples.floats.timestamps, values: &samples.floats.values)
        }
        return decodeOther(encoding, bytes, from: start, to: end, into: &samples)
    }

    @inline(never)
    private static func decodeOther(
        _ encoding: UInt8, _ bytes: UnsafeRawBufferPointer, from start: Int64, to end: Int64,
        into samples: inout SeriesSamples
    ) -> Bool {
        if encoding == ChunkEncoding.xor {
            // Start times are kept for some samples: those of this chunk have none.
            var columns = SampleColumns()
            let isSound = ChunkDecoder.decode(
                bytes, from: start, to: end, times: &columns.timestamps, values: &columns.values)
            for index in 0..<columns.count { samples.append(columns.timestamps[index], columns.values[index]) }
            return isSound
        }
        if encoding == ChunkEncoding.xor2 {
            return XOR2Decoder.decode(bytes, from: start, to: end) { time, began, value in
                samples.append(time, value, startTimestamp: began)
            }
        }
        var isSound = true
        let isWhole = HistogramChunkDecoder.decode(encoding, bytes, from: start, to: end) { time, began, histogram in
            guard let native = histogram.native else { return isSound = false }
            samples.histograms.append(time, native, startTimestamp: began)
        }
        return isSound && isWhole
    }
}
