import MartletCore
package import MetricStorage
import PromQL
import SampleMath
package import Wire

/// Turns native histograms from pushes and scrapes into those that the store takes.
package enum HistogramIntake {
    /// Why a histogram was not taken, in Prometheus' words.
    package enum Fault: Error, CustomStringConvertible {
        case schema(Int32)
        case spanOffset
        case spans
        case negativeBucket
        case negativeCount
        case count
        case customBounds
        case fewCustomBounds
        case customZeroCount
        case customZeroThreshold
        case customNegative
        case exponentialBounds
        case zeroThreshold(Double)

        package var description: String {
            switch self {
            case .schema(let schema):
                "histogram has an invalid schema, which must be between -4 and 8 or -53: \(schema)"
            case .spanOffset: "histogram has a span whose offset is negative"
            case .spans: "histogram spans specify different number of buckets than provided"
            case .negativeBucket: "histogram has a bucket whose observation count is negative"
            case .negativeCount: "histogram's observation count is negative"
            case .count:
                "histogram's observation count should equal the number of observations found in the buckets"
            case .zeroThreshold(let threshold):
                "histogram has a zero threshold that is not a number from 0 on: \(FloatText.general(threshold))"
            case .customBounds: "histogram custom bounds must be finite and in strictly increasing order"
            case .fewCustomBounds: "histogram custom bounds are too few"
            case .customZeroCount: "custom buckets: must have zero count of 0"
            case .customZeroThreshold: "custom buckets: must have zero threshold of 0"
            case .customNegative: "custom buckets: must not have negative buckets"
            case .exponentialBounds: "histogram with exponential schema must not have custom bounds"
            }
        }
    }

    /// The finest exponential schema that is stored.
    package static let finestSchema: Int32 = 8
    /// The finest that there may be, for the future: it is made coarser where that is asked for.
    private static let finestReserved: Int32 = 52

    /// The histogram as it is stored. A finer one than `schema` is made coarser; without that a schema that is not stored is
    /// a fault.
    package static func store(
        _ histogram: RemoteWrite.Histogram, reducedTo schema: Int32? = nil
    ) throws(Fault) -> StoredHistogram {
        // Nothing but its sum counts in a staleness marker.
        if StaleNaN.isStale(histogram.sum) { return .stale(isFloat: histogram.isFloat) }
        var stored = StoredHistogram(histogram)
        try check(stored, finest: schema == nil ? finestSchema : finestReserved)
        if let schema { stored.reduceResolution(to: schema) }
        return stored
    }

    /// What a histogram was when its count began.
    package static func zero(of histogram: StoredHistogram) -> StoredHistogram {
        var zero = StoredHistogram(isFloat: histogram.isFloat)
        zero.hint = .reset
        zero.layout.schema = histogram.layout.schema
        zero.layout.zeroThreshold = histogram.layout.zeroThreshold
        zero.layout.customBounds = histogram.layout.customBounds
        return zero
    }

    private static func check(_ histogram: StoredHistogram, finest: Int32) throws(Fault) {
        let layout = histogram.layout
        let isCustom = layout.schema == NativeHistogram.customSchema
        guard isCustom || (-4...finest).contains(layout.schema) else { throw .schema(layout.schema) }
        let threshold = layout.zeroThreshold
        guard threshold >= 0, threshold.isFinite else { throw .zeroThreshold(threshold) }
        if isCustom {
            try checkCustom(histogram)
        } else if !layout.customBounds.isEmpty {
            throw .exponentialBounds
        }
        for spans in [layout.positiveSpans, layout.negativeSpans] {
            guard spans.dropFirst().allSatisfy({ $0.offset >= 0 }) else { throw .spanOffset }
        }
        guard histogram.isConsistent else { throw .spans }
        let buckets = histogram.positive + histogram.negative
        if histogram.isFloat {
            func isNegative(_ count: UInt64) -> Bool { Double(bitPattern: count) < 0 }
            guard !isNegative(histogram.zeroCount), !buckets.contains(where: isNegative) else { throw .negativeBucket }
            guard !(Double(bitPattern: histogram.count) < 0) else { throw .negativeCount }
            return
        }
        guard buckets.allSatisfy({ $0 <= UInt64(Int64.max) }) else { throw .negativeBucket }
        // Observations that are not a number are counted, but are in no bucket.
        var total = histogram.zeroCount
        for bucket in buckets {
            let (sum, overflow) = total.addingReportingOverflow(bucket)
            guard !overflow else { throw .count }
            total = sum
        }
        guard histogram.sum.isNaN ? total <= histogram.count : total == histogram.count else { throw .count }
    }

    /// Bounds of its own are what says where its buckets lie; such a histogram has no zero bucket and no buckets below it.
    private static func checkCustom(_ histogram: StoredHistogram) throws(Fault) {
        let layout = histogram.layout
        let bounds = layout.customBounds
        // The lowest may be minus infinity, as that of a classic histogram may be.
        guard bounds.allSatisfy({ $0 < .infinity }), zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .customBounds
        }
        // The last bucket is the one up to infinity.
        let end = layout.positiveSpans.reduce(0) { $0 + Int($1.offset) + Int($1.length) }
        guard end <= bounds.count + 1 else { throw .fewCustomBounds }
        // The bits of 0.0 are 0, as are those of a whole number.
        guard histogram.zeroCount == 0 else { throw .customZeroCount }
        guard layout.zeroThreshold == 0 else { throw .customZeroThreshold }
        guard layout.negativeSpans.isEmpty, histogram.negative.isEmpty else { throw .customNegative }
    }
}
