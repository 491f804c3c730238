import TraceSampling

/// What tail sampling remembers of a tenant from one generation to the next.
struct TailState: Sendable {
    /// The choice among the traces of one generation; it holds until the generation is written, however often that is tried.
    struct Choice: Sendable {
        let segment: Int
        /// Traces that are left out.
        let omitted: Set<TraceKey>
    }

    var sampler: TailSampler
    /// Traces that were not sampled. Those that were are known by the parts, which hold them.
    var notSampled: RecentKeys<TraceKey>
    var choice: Choice?
    /// Why conditions of policies could not be evaluated, as far as it was said in the log; not more than so many.
    var reported: Set<String> = []
    static let reportLimit = 100
    /// Bytes for which the memory budget is charged.
    var charged = 0

    /// - Parameter ids: how many traces that were not sampled are remembered.
    init(_ sampling: TailSampling, remembering ids: Int) {
        sampler = TailSampler(sampling)
        notSampled = RecentKeys(limit: ids)
    }
}
