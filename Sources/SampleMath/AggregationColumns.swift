/// Accumulates series into groups, column by column: for every group and step the running state of one aggregation.
package struct AggregationColumns: Sendable {
    package let aggregation: Aggregation
    package let steps: Int
    /// Number of groups that have columns.
    package private(set) var groupCount = 0

    /// Flat, group after group, `steps` of each. What they hold depends on the aggregation.
    private var values: [Double] = []
    private var compensations: [Double] = []
    private var counts: [Double] = []
    private var means: [Mean] = []
    private var collected: [[Double]] = []

    package init(_ aggregation: Aggregation, steps: Int) {
        self.aggregation = aggregation
        self.steps = steps
    }

    /// Adds one series to a group; groups up to that number come into being. Missing steps add nothing.
    package mutating func add(_ column: UnsafeBufferPointer<Double>, to group: Int) {
        grow(to: group + 1)
        let base = group * steps
        switch aggregation {
        case .sum: addToSum(column, base)
        case .avg:
            for step in 0..<steps where !Missing.isMissing(column[step]) { means[base + step].add(column[step]) }
            for step in 0..<steps where !Missing.isMissing(column[step]) { counts[base + step] += 1 }
        case .min:
            for step in 0..<steps where !Missing.isMissing(column[step]) {
                let current = values[base + step]
                if counts[base + step] == 0 || current > column[step] || current.isNaN {
                    values[base + step] = column[step]
                }
                counts[base + step] += 1
            }
        case .max:
            for step in 0..<steps where !Missing.isMissing(column[step]) {
                let current = values[base + step]
                if counts[base + step] == 0 || current < column[step] || current.isNaN {
                    values[base + step] = column[step]
                }
                counts[base + step] += 1
            }
        case .count, .group:
            for step in 0..<steps where !Missing.isMissing(column[step]) { counts[base + step] += 1 }
        case .stddev, .stdvar: addToVariance(column, base)
        case .quantile:
            for step in 0..<steps where !Missing.isMissing(column[step]) {
                collected[base + step].append(column[step])
            }
        }
    }

    /// Writes a group's result for every step. For `.quantile`, `phi` has one value per step.
    package mutating func finish(_ group: Int, phi: [Double] = [], into out: UnsafeMutableBufferPointer<Double>) {
        let base = group * steps
        for step in 0..<steps {
            let index = base + step
            if aggregation == .quantile {
                out[step] = collected[index].isEmpty ? Missing.value : Quantile.of(&collected[index], phi: phi[step])
                continue
            }
            let count = counts[index]
            guard count > 0 else {
                out[step] = Missing.value
                continue
            }
            switch aggregation {
            case .sum: out[step] = CompensatedSum(sum: values[index], compensation: compensations[index]).result
            case .avg: out[step] = means[index].result
            case .count: out[step] = count
            case .group: out[step] = 1
            case .stdvar: out[step] = values[index] / count
            case .stddev: out[step] = (values[index] / count).squareRoot()
            case .min, .max, .quantile: out[step] = values[index]
            }
        }
    }

    private mutating func addToSum(_ column: UnsafeBufferPointer<Double>, _ base: Int) {
        for step in 0..<steps {
            let value = column[step]
            if Missing.isMissing(value) { continue }
            var sum = CompensatedSum(sum: values[base + step], compensation: compensations[base + step])
            sum.add(value)
            values[base + step] = sum.sum
            compensations[base + step] = sum.compensation
            counts[base + step] += 1
        }
    }

    /// Welford's method; `compensations` holds the means here.
    private mutating func addToVariance(_ column: UnsafeBufferPointer<Double>, _ base: Int) {
        for step in 0..<steps {
            let value = column[step]
            if Missing.isMissing(value) { continue }
            let index = base + step
            counts[index] += 1
            let delta = value - compensations[index]
            compensations[index] += delta / counts[index]
            values[index] += delta * (value - compensations[index])
        }
    }

    private mutating func grow(to groups: Int) {
        guard groups > groupCount else { return }
        let size = groups * steps
        groupCount = groups
        switch aggregation {
        case .quantile: collected += repeatElement([], count: size - collected.count)
        case .avg:
            means += repeatElement(Mean(), count: size - means.count)
            counts += repeatElement(0, count: size - counts.count)
        case .sum, .stddev, .stdvar:
            values += repeatElement(0, count: size - values.count)
            compensations += repeatElement(0, count: size - compensations.count)
            counts += repeatElement(0, count: size - counts.count)
        case .min, .max:
            values += repeatElement(0, count: size - values.count)
            counts += repeatElement(0, count: size - counts.count)
        case .count, .group: counts += repeatElement(0, count: size - counts.count)
        }
    }
}
