import SampleMath

/// The samples of one series, or, once they would take more memory than that, what the function needs of them.
struct SeriesSamples: Sendable {
    /// Series with fewer samples keep them.
    private static let fewest = 4096
    private static let sampleBytes = 16

    private(set) var columns = SampleColumns()
    private(set) var buckets: SampleBuckets?

    /// Bytes of memory that they take, but for the first ones.
    func bytes(_ plan: BucketPlan?) -> Int {
        buckets == nil ? columns.count * Self.sampleBytes : plan?.bytesPerSeries ?? 0
    }

    /// Adds a sample.
    mutating func add(_ time: Int64, _ value: Double, _ plan: BucketPlan?) {
        guard buckets == nil else {
            buckets?.add(time, value)
            return
        }
        columns.append(time, value)
        if let plan, isMany(plan) { fold(plan) }
    }

    private func isMany(_ plan: BucketPlan) -> Bool {
        columns.count >= Self.fewest && columns.count * Self.sampleBytes >= plan.bytesPerSeries
    }

    private mutating func fold(_ plan: BucketPlan) {
        var folded = SampleBuckets(plan)
        folded.add(columns)
        buckets = folded
        columns = SampleColumns()
    }

    /// Adds what was gathered elsewhere, whose samples count as the later ones.
    mutating func add(_ other: SeriesSamples, _ plan: BucketPlan?) {
        if let theirs = other.buckets {
            guard let plan else { return }
            if buckets == nil { fold(plan) }
            buckets?.add(theirs)
        } else if buckets != nil {
            buckets?.add(other.columns)
        } else {
            columns.timestamps += other.columns.timestamps
            columns.values += other.columns.values
            if let plan, isMany(plan) { fold(plan) }
        }
    }
}
