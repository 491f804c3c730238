import MartletCore
import SampleMath

/// What a range aggregation has gathered, by series: counts by step, or samples.
struct RangeSeries: Sendable {
    private(set) var table = SeriesTable()
    private(set) var counts: StepCounts
    private(set) var samples: [SeriesSamples] = []
    private let isCounting: Bool
    /// How samples are made fewer; nil where all are needed.
    private let plan: BucketPlan?
    /// Bytes that samples take…
    private var sampleBytes = 0
    /// …and those of them that the query holds: it is asked for some more at a time.
    private var heldBytes = 0
    private static let heldAtOnce = 16 << 10

    init(isCounting: Bool, counts: StepCounts, plan: BucketPlan?) {
        self.isCounting = isCounting
        self.counts = counts
        self.plan = plan
    }

    var count: Int { table.count }

    /// The place of the series with these labels, in `Labels`' encoding. What a new one takes is taken from the query's
    /// memory.
    mutating func place(of labels: [UInt8], _ context: LogQueryContext) throws(LogQueryError) -> Int {
        let (place, isNew) = table.place(of: labels)
        if isNew {
            try context.hold(labels.count + 64 + (isCounting ? counts.bytesPerSeries : 0))
            if isCounting { counts.addSeries() } else { samples.append(SeriesSamples()) }
        }
        return place
    }

    mutating func add(lines: Int, bytes: Int, to place: Int, _ steps: StepCounts.Steps) {
        counts.add(lines: lines, bytes: bytes, to: place, steps)
    }

    /// Adds a sample. Memory for it is taken from the query's, some at a time.
    mutating func add(
        _ timestamp: Int64, _ value: Double, to place: Int, _ context: LogQueryContext
    ) throws(LogQueryError) {
        let before = samples[place].bytes(plan)
        samples[place].add(timestamp, value, plan)
        sampleBytes += samples[place].bytes(plan) - before
        if sampleBytes > heldBytes || heldBytes - sampleBytes > 2 * Self.heldAtOnce { try settle(context) }
    }

    private mutating func settle(_ context: LogQueryContext) throws(LogQueryError) {
        let wanted = (sampleBytes + Self.heldAtOnce - 1) / Self.heldAtOnce * Self.heldAtOnce
        let change = wanted - heldBytes
        heldBytes = wanted
        if change > 0 { try context.hold(change) } else { context.release(-change) }
    }

    /// Adds what was gathered elsewhere, and takes over the memory that is held for it.
    mutating func add(_ other: RangeSeries, _ context: LogQueryContext) throws(LogQueryError) {
        for (theirs, labels) in other.table.labels.enumerated() {
            let ours = try place(of: labels, context)
            if isCounting {
                counts.add(other.counts, series: theirs, to: ours)
            } else {
                sampleBytes -= samples[ours].bytes(plan)
                samples[ours].add(other.samples[theirs], plan)
                sampleBytes += samples[ours].bytes(plan)
            }
        }
        heldBytes += other.heldBytes
        try settle(context)
    }
}
