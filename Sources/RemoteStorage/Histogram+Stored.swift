package import MetricStorage
import PromQL
package import Wire

extension RemoteWrite.Histogram {
    /// A stored histogram, of `timestamp` milliseconds since the epoch, as it is sent.
    package init(_ stored: StoredHistogram, at timestamp: Int64) {
        self.init()
        self.timestamp = timestamp
        isFloat = stored.isFloat
        count = stored.count
        zeroCount = stored.zeroCount
        sum = stored.sum
        schema = stored.layout.schema
        zeroThreshold = stored.layout.zeroThreshold
        positiveSpans = stored.layout.positiveSpans.map { .init(offset: $0.offset, length: $0.length) }
        negativeSpans = stored.layout.negativeSpans.map { .init(offset: $0.offset, length: $0.length) }
        positive = stored.positive
        negative = stored.negative
        customBounds = stored.layout.customBounds
        resetHint = Int32(stored.hint.rawValue)
    }
}

extension StoredHistogram {
    /// A histogram from the wire as it is stored; whether it is consistent is not looked at.
    package init(_ histogram: RemoteWrite.Histogram) {
        self.init(isFloat: histogram.isFloat)
        hint = NativeHistogram.ResetHint(rawValue: UInt8(clamping: histogram.resetHint)) ?? .unknown
        layout.schema = histogram.schema
        layout.zeroThreshold = histogram.zeroThreshold
        layout.positiveSpans = histogram.positiveSpans.map { .init(offset: $0.offset, length: $0.length) }
        layout.negativeSpans = histogram.negativeSpans.map { .init(offset: $0.offset, length: $0.length) }
        layout.customBounds = histogram.customBounds
        count = histogram.count
        zeroCount = histogram.zeroCount
        sum = histogram.sum
        positive = histogram.positive
        negative = histogram.negative
    }
}
