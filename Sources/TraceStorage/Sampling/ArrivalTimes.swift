import MartletCore

/// When the traces of a generation arrived, to a tenth of a second: runs of traces, in the order in which they came.
struct ArrivalTimes: Sendable {
    private struct Run: Sendable {
        /// Traces up to the end of the run.
        var end: Int
        /// Unix nanoseconds.
        let time: UInt64
    }

    private static let resolution: UInt64 = 100_000_000
    private var runs: [Run] = []

    /// Notes that so many more traces have come. A clock that goes back stands still.
    mutating func add(_ traces: Int, at time: UInt64) {
        guard traces > 0 else { return }
        guard let last = runs.last, time < last.time.addingReportingOverflow(Self.resolution).partialValue else {
            runs.append(Run(end: (runs.last?.end ?? 0) + traces, time: time))
            return
        }
        runs[runs.count - 1].end += traces
    }

    /// When a trace came, Unix nanoseconds; 0 for one that was not noted.
    func time(ofTrace number: Int) -> UInt64 {
        let run = runs.indices.partitioningIndex { runs[$0].end > number }
        return run < runs.count ? runs[run].time : 0
    }
}
