import MetricStorage
import Wire

/// The buffers of one write request, used again for the next.
struct WriteScratch {
    /// The decompressed request is at its front; what follows is left over from earlier ones.
    var message: [UInt8] = []
    var request = RemoteWrite.WriteRequest()
    var batch = SampleBatch()

    /// Buffers that one huge request has blown up are not kept.
    var isWorthKeeping: Bool {
        batch.sampleCount < 100_000 && request.samples.count < 100_000 && message.count < 4 << 20
    }
}
