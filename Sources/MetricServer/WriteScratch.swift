import MartletCore
import MetricStorage
import Wire

/// The buffers of one write request, used again for the next.
struct WriteScratch {
    var request = RemoteWrite.WriteRequest()
    var batch = SampleBatch()
    var assembly = LabelAssembly()

    /// Buffers that one huge request has blown up are not kept.
    var isWorthKeeping: Bool { batch.sampleCount < 100_000 && request.samples.count < 100_000 }
}
