/// Accumulates series into groups, column by column: for every group and step the running state of one aggregation.
package struct AggregationColumns: Sendable {
    package let aggregation: Aggregation
    package let steps: Int
    /// Number of groups that have columns.
    package private(set) var groupCount = 0

    /// A column per group; what they hold depends on the aggregation.
    private var values: PagedColumns<Double>
    private var compensations: PagedColumns<Double>
    private var counts: PagedColumns<Double>
    private var means: PagedColumns<Mean>
    /// Flat, group after group.
    private var collected: [[Double]] = []

    package init(_ aggregation: Aggregation, steps: Int) {
        self.aggregation = aggregation
        self.steps = steps
        values = PagedColumns(steps: steps, initial: 0)
        compensations = PagedColumns(steps: steps, initial: 0)
        counts = PagedColumns(steps: steps, initial: 0)
        means = PagedColumns(steps: steps, initial: Mean())
    }

    /// Adds one series to a group; groups up to that number come into being. Missing steps add nothing.
    package mutating func add(_ column: UnsafeBufferPointer<Double>, to group: Int) {
        grow(to: group + 1)
        switch aggregation {
        case .sum: addToSum(column, group)
        case .avg:
            means.with(group) { means in
                for step in means.indices where !Missing.isMissing(column[step]) { means[step].add(column[step]) }
            }
            count(column, group)
        case .min: addToExtreme(column, group) { $0 > $1 }
        case .max: addToExtreme(column, group) { $0 < $1 }
        case .count, .group: count(column, group)
        case .stddev, .stdvar: addToVariance(column, group)
        case .quantile:
            let base = group * steps
            for step in 0..<steps where !Missing.isMissing(column[step]) {
                collected[base + step].append(column[step])
            }
        }
    }

    /// Writes a group's result for every step. For `.quantile`, `phi` has one value per step.
    package mutating func finish(_ group: Int, phi: [Double] = [], into out: UnsafeMutableBufferPointer<Double>) {
        if aggregation == .quantile {
            let base = group * steps
            for step in 0..<steps {
                out[step] =
                    collected[base + step].isEmpty
                    ? Missing.value : Quantile.of(&collected[base + step], phi: phi[step])
            }
            return
        }
        switch aggregation {
        case .sum:
            values.with(group) { sums in
                compensations.with(group) { rests in
                    for step in sums.indices {
                        out[step] = CompensatedSum(sum: sums[step], compensation: rests[step]).result
                    }
                }
            }
        case .avg: means.with(group) { means in for step in means.indices { out[step] = means[step].result } }
        case .min, .max, .stdvar, .stddev:
            values.with(group) { values in for step in values.indices { out[step] = values[step] } }
        case .count, .group, .quantile: break
        }
        counts.with(group) { counts in
            for step in counts.indices {
                guard counts[step] > 0 else {
                    out[step] = Missing.value
                    continue
                }
                switch aggregation {
                case .count: out[step] = counts[step]
                case .group: out[step] = 1
                case .stdvar: out[step] /= counts[step]
                case .stddev: out[step] = (out[step] / counts[step]).squareRoot()
                default: break
                }
            }
        }
    }

    private mutating func count(_ column: UnsafeBufferPointer<Double>, _ group: Int) {
        counts.with(group) { counts in
            for step in counts.indices where !Missing.isMissing(column[step]) { counts[step] += 1 }
        }
    }

    private mutating func addToSum(_ column: UnsafeBufferPointer<Double>, _ group: Int) {
        values.with(group) { sums in
            compensations.with(group) { rests in
                counts.with(group) { counts in
                    for step in sums.indices {
                        let value = column[step]
                        if Missing.isMissing(value) { continue }
                        var sum = CompensatedSum(sum: sums[step], compensation: rests[step])
                        sum.add(value)
                        sums[step] = sum.sum
                        rests[step] = sum.compensation
                        counts[step] += 1
                    }
                }
            }
        }
    }

    /// Any number takes the place of NaN.
    @inline(__always)
    private mutating func addToExtreme(
        _ column: UnsafeBufferPointer<Double>, _ group: Int, _ isBeaten: (_ current: Double, _ by: Double) -> Bool
    ) {
        values.with(group) { values in
            counts.with(group) { counts in
                for step in values.indices where !Missing.isMissing(column[step]) {
                    let current = values[step]
                    if counts[step] == 0 || isBeaten(current, column[step]) || current.isNaN {
                        values[step] = column[step]
                    }
                    counts[step] += 1
                }
            }
        }
    }

    /// Welford's method; `compensations` holds the means here.
    private mutating func addToVariance(_ column: UnsafeBufferPointer<Double>, _ group: Int) {
        values.with(group) { values in
            compensations.with(group) { means in
                counts.with(group) { counts in
                    for step in values.indices {
                        let value = column[step]
                        if Missing.isMissing(value) { continue }
                        counts[step] += 1
                        let delta = value - means[step]
                        means[step] += delta / counts[step]
                        values[step] += delta * (value - means[step])
                    }
                }
            }
        }
    }

    private mutating func grow(to groups: Int) {
        guard groups > groupCount else { return }
        groupCount = groups
        switch aggregation {
        case .quantile: collected += repeatElement([], count: groups * steps - collected.count)
        case .avg: means.grow(to: groups)
        case .sum, .stddev, .stdvar:
            values.grow(to: groups)
            compensations.grow(to: groups)
        case .min, .max: values.grow(to: groups)
        case .count, .group: break
        }
        if aggregation != .quantile { counts.grow(to: groups) }
    }
}
