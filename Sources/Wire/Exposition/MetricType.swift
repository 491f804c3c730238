/// What a metric family is, as TYPE lines name it.
package enum MetricType: String, Sendable, Hashable, CaseIterable {
    case unknown
    case counter
    case gauge
    case histogram
    case gaugeHistogram = "gaugehistogram"
    case summary
    case info
    case stateSet = "stateset"

    /// The number in remote write metadata.
    package var remoteWriteNumber: Int32 {
        switch self {
        case .unknown: 0
        case .counter: 1
        case .gauge: 2
        case .histogram: 3
        case .gaugeHistogram: 4
        case .summary: 5
        case .info: 6
        case .stateSet: 7
        }
    }

    /// The type with a number in remote write metadata; unknown for others.
    package init(remoteWriteNumber: Int32) {
        self = Self.allCases.first { $0.remoteWriteNumber == remoteWriteNumber } ?? .unknown
    }

    /// The type with a number in exposed protobuf (`io.prometheus.client.MetricType`); nil for others.
    init?(exposedNumber: Int32) {
        let types: [MetricType] = [.counter, .gauge, .summary, .unknown, .histogram, .gaugeHistogram]
        guard types.indices.contains(Int(exposedNumber)) else { return nil }
        self = types[Int(exposedNumber)]
    }

    /// The number in exposed protobuf; types that it does not know are untyped.
    package var exposedNumber: Int32 {
        switch self {
        case .counter: 0
        case .gauge: 1
        case .summary: 2
        case .histogram: 4
        case .gaugeHistogram: 5
        case .unknown, .info, .stateSet: 3
        }
    }

    /// The label whose values are numbers: the bounds of a histogram's buckets, the quantiles of a summary.
    var numberLabel: StaticString? {
        switch self {
        case .histogram: return "le"
        case .summary: return "quantile"
        default: return nil
        }
    }

    /// The family that a series belongs to: its name without what stands for a part of a classic histogram or summary.
    package func family(ofSeries name: String) -> String {
        let parts: [String]
        switch self {
        case .histogram: parts = ["_bucket", "_count", "_sum"]
        case .gaugeHistogram: parts = ["_bucket", "_gcount", "_gsum", "_count", "_sum"]
        case .summary: parts = ["_count", "_sum"]
        default: return name
        }
        guard let part = parts.first(where: name.hasSuffix), name.utf8.count > part.utf8.count else { return name }
        return String(name.dropLast(part.count))
    }

    /// The type that a TYPE line names; the text format's `untyped` is `unknown`.
    package init?(exposition name: UnsafeRawBufferPointer) {
        if name.elementsEqual("untyped".utf8) {
            self = .unknown
            return
        }
        guard let type = MetricType(rawValue: String(decoding: name, as: UTF8.self)) else { return nil }
        self = type
    }
}
