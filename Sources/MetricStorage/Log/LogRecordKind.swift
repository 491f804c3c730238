/// The first byte of a record in Prometheus' write-ahead log.
enum LogRecordKind: UInt8 {
    case series = 1
    case samples = 2
    case tombstones = 3
    case exemplars = 4
    /// In the log of out-of-order samples: up to here those of a series are in a head chunk.
    case headChunkMarkers = 5
    case metadata = 6
    case histograms = 7
    case floatHistograms = 8
    case customHistograms = 9
    case customFloatHistograms = 10
    /// With a start time for each sample, which Prometheus writes with its feature `st-storage`. These are read only.
    case startTimeSamples = 11
    case startTimeHistograms = 12
    case startTimeFloatHistograms = 13

    /// Whether a start time stands before each sample.
    var hasStartTimes: Bool { rawValue >= Self.startTimeSamples.rawValue }

    /// Whether the counts of the histograms are floats.
    var hasFloatCounts: Bool {
        self == .floatHistograms || self == .customFloatHistograms || self == .startTimeFloatHistograms
    }
}
