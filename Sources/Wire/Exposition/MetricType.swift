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
