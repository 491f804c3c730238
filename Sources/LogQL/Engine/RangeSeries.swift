import MartletCore
import SampleMath

/// What a range aggregation has gathered, by series: counts by step, or samples.
struct RangeSeries: Sendable {
    private(set) var table = SeriesTable()
    private(set) var counts: StepCounts
    private(set) var samples: [SampleColumns] = []
    private let isCounting: Bool

    init(isCounting: Bool, counts: StepCounts) {
        self.isCounting = isCounting
        self.counts = counts
    }

    var count: Int { table.count }

    /// The place of the series with these labels, in `Labels`' encoding. What a new one takes is taken from the query's
    /// memory.
    mutating func place(of labels: [UInt8], _ context: LogQueryContext) throws(LogQueryError) -> Int {
        let (place, isNew) = table.place(of: labels)
        if isNew {
            try context.hold(labels.count + 64 + (isCounting ? counts.bytesPerSeries : 0))
            if isCounting { counts.addSeries() } else { samples.append(SampleColumns()) }
        }
        return place
    }

    mutating func add(lines: Int, bytes: Int, to place: Int, _ steps: StepCounts.Steps) {
        counts.add(lines: lines, bytes: bytes, to: place, steps)
    }

    mutating func add(_ timestamp: Int64, _ value: Double, to place: Int) { samples[place].append(timestamp, value) }

    /// Adds what was gathered elsewhere.
    mutating func add(_ other: RangeSeries, _ context: LogQueryContext) throws(LogQueryError) {
        for (theirs, labels) in other.table.labels.enumerated() {
            let ours = try place(of: labels, context)
            if isCounting {
                counts.add(other.counts, series: theirs, to: ours)
            } else {
                samples[ours].timestamps += other.samples[theirs].timestamps
                samples[ours].values += other.samples[theirs].values
            }
        }
    }
}
