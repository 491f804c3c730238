import MartletCore
import PromQL
import SampleMath

/// Checks the samples of a chunk of any encoding.
struct ChunkVerification {
    private var samples = SeriesSamples()

    /// What is wrong with a chunk that is said to hold the samples from one time to another; nil when nothing is.
    mutating func fault(
        _ encoding: UInt8, _ data: UnsafeRawBufferPointer, from first: Int64, to last: Int64
    ) -> String? {
        guard ChunkReader.knows(encoding) else { return "encoding \(encoding) is not known" }
        samples.removeAll()
        guard ChunkReader.decode(encoding, data, from: .min, to: .max, into: &samples) else {
            return "the samples are cut off or malformed"
        }
        let isHistogram = ChunkEncoding.isHistogram(encoding)
        let times = isHistogram ? samples.histograms.timestamps : samples.floats.timestamps
        if times.count != ChunkEncoding.sampleCount(encoding, data) { return "it tells of another number of samples" }
        if zip(times, times.dropFirst()).contains(where: { $0 >= $1 }) { return "the samples' times are not ascending" }
        if times.first != first || times.last != last { return "the samples' times are not those that are told of it" }
        return nil
    }
}
