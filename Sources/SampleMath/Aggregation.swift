/// How the samples of a group become one.
package enum Aggregation: Sendable, Hashable {
    case sum, avg, min, max, count, group, stddev, stdvar
    /// φ comes per step.
    case quantile
}
