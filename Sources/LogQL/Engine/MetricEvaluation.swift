import MartletCore
import SampleMath

/// Evaluates one metric query over all of its steps at once.
struct MetricEvaluation {
    let source: any LogSource
    /// Times in nanoseconds.
    let grid: StepGrid
    let context: LogQueryContext

    private enum Value {
        case number(Double)
        case vector(SeriesMatrix)
    }

    /// The series of an expression; a number becomes one series without labels.
    mutating func vector(_ expression: QueryExpression) throws(LogQueryError) -> SeriesMatrix {
        switch try value(expression) {
        case .vector(let matrix): return matrix
        case .number(let number): return constant(number)
        }
    }

    private func constant(_ number: Double) -> SeriesMatrix {
        var matrix = SeriesMatrix()
        matrix.append(Labels(), [Double](repeating: number, count: grid.count))
        return matrix
    }

    private mutating func value(_ expression: QueryExpression) throws(LogQueryError) -> Value {
        switch expression {
        case .log:
            throw LogQueryError(.badQuery, "log queries are not supported here: a metric query is needed")
        case .number(let number): return .number(number)
        case .vector(let number): return .vector(constant(number))
        case .range(let range): return .vector(try self.range(range, pushed: nil))
        case .aggregation(let aggregation): return .vector(try self.aggregation(aggregation))
        case .binary(let binary): return try self.binary(binary)
        case .labelReplace(let inner, let destination, let replacement, let source, let regex):
            return .vector(
                try labelReplace(
                    try vector(inner), destination: destination, replacement: replacement, source: source, regex: regex)
            )
        }
    }

    private func range(_ range: RangeAggregation, pushed: Grouping?) throws(LogQueryError) -> SeriesMatrix {
        try RangeEvaluation(range, grouping: range.grouping ?? pushed, grid: grid, context: context).run(source)
    }

    // MARK: Aggregations

    private mutating func aggregation(_ aggregation: VectorAggregation) throws(LogQueryError) -> SeriesMatrix {
        let inner: SeriesMatrix
        if aggregation.operation == .sum, case .range(let range) = aggregation.inner, range.operation.isAdditive {
            // Lines are summed up by the outer groups at once: no series per distinct label set comes into being.
            inner = try self.range(range, pushed: aggregation.grouping ?? Grouping(isWithout: false, names: []))
        } else {
            inner = try vector(aggregation.inner)
        }
        let subset = Self.subset(aggregation.grouping)
        switch aggregation.operation {
        case .sort, .sortDescending:
            // Over several steps there is no one order.
            return grid.count == 1 ? inner.sorted(descending: aggregation.operation == .sortDescending) : inner
        case .approximateTopk:
            guard grid.count == 1 else {
                throw LogQueryError(.badQuery, "count min sketches are only supported on instant queries")
            }
            // The exact answer is the best approximation.
            return try ranked(inner, subset, aggregation)
        case .topk, .bottomk: return try ranked(inner, subset, aggregation)
        case .sum: return try aggregated(inner, subset, .sum)
        case .avg: return try aggregated(inner, subset, .avg)
        case .min: return try aggregated(inner, subset, .min)
        case .max: return try aggregated(inner, subset, .max)
        case .count: return try aggregated(inner, subset, .count)
        case .stddev: return try aggregated(inner, subset, .stddev)
        case .stdvar: return try aggregated(inner, subset, .stdvar)
        }
    }

    static func subset(_ grouping: Grouping?) -> LabelSubset {
        guard let grouping else { return LabelSubset(keeping: []) }
        return grouping.isWithout ? LabelSubset(dropping: grouping.names) : LabelSubset(keeping: grouping.names)
    }

    /// Bytes of a column of the result.
    private var columnBytes: Int { grid.count * MemoryLayout<Double>.stride }

    private func aggregated(
        _ inner: SeriesMatrix, _ subset: LabelSubset, _ aggregation: Aggregation
    ) throws(LogQueryError) -> SeriesMatrix {
        var groups = GroupIndex(subset)
        var columns = AggregationColumns(aggregation, steps: grid.count)
        // Each group has a few columns on the way, and the result's.
        let groupBytes = 4 * columnBytes
        defer { context.release(groups.count * (groupBytes - columnBytes)) }
        for series in 0..<inner.count {
            try context.check()
            let known = groups.count
            let group = groups.insert(inner.labels[series])
            if groups.count > known { try context.hold(groupBytes) }
            inner.columns[series].withUnsafeBufferPointer { columns.add($0, to: group) }
        }
        var result = SeriesMatrix()
        for group in 0..<groups.count {
            var column = [Double](repeating: Missing.value, count: grid.count)
            column.withUnsafeMutableBufferPointer { columns.finish(group, into: $0) }
            result.append(groups.groups[group], column)
        }
        return result
    }

    /// topk and bottomk select: kept series have their full labels. Of equal values those are kept whose labels come first:
    /// series are found in no certain order, and the same query shall have the same answer.
    private func ranked(
        _ found: SeriesMatrix, _ subset: LabelSubset, _ aggregation: VectorAggregation
    ) throws(LogQueryError) -> SeriesMatrix {
        let inner = found.sortedByLabels()
        try context.hold(inner.count * columnBytes)
        // A group has a list for each step, of the series that it keeps there.
        let groupBytes = 8 * columnBytes
        var groups = GroupIndex(subset)
        defer { context.release(groups.count * groupBytes) }
        let limits = [Int](repeating: aggregation.parameter ?? 0, count: grid.count)
        var selection = RankedSelection(largest: aggregation.operation != .bottomk, limits: limits)
        for series in 0..<inner.count {
            try context.check()
            let known = groups.count
            let group = groups.insert(inner.labels[series])
            if groups.count > known { try context.hold(groupBytes) }
            inner.columns[series].withUnsafeBufferPointer { selection.add($0, series: series, to: group) }
        }
        var kept = [[Double]](
            repeating: [Double](repeating: Missing.value, count: grid.count), count: inner.count)
        for group in 0..<groups.count {
            for step in 0..<grid.count {
                for series in selection.selected(group: group, step: step) {
                    kept[series][step] = inner.columns[series][step]
                }
            }
        }
        var result = SeriesMatrix()
        for series in 0..<inner.count { result.append(inner.labels[series], kept[series]) }
        return result
    }

    private func labelReplace(
        _ inner: SeriesMatrix, destination: String, replacement: String, source: String, regex: Regex
    ) throws(LogQueryError) -> SeriesMatrix {
        let template = RegexTemplate(replacement, for: regex)
        var merge = SeriesMerge(steps: grid.count, context)
        for series in 0..<inner.count {
            var labels = inner.labels[series]
            let value = labels.withValue(of: source) { [UInt8]($0) } ?? []
            // The typed accessor keeps the error's type. A template may repeat a long value many times.
            let replaced = try value.withUnsafeBufferPointer { (value) throws(LogQueryError) -> [UInt8]? in
                try regex.expand(template, matching: UnsafeRawBufferPointer(value)) {
                    (bytes) throws(LogQueryError) in try context.hold(bytes)
                }
            }
            if let replaced {
                var builder = LabelsBuilder(labels)
                Bytes.of(destination) { name in replaced.withUnsafeBytes { builder.setBytes(name, $0) } }
                labels = builder.build()
            }
            try merge.add(labels, inner.columns[series]) { "label_replace gives several series the labels \($0)" }
        }
        return merge.matrix
    }

    // MARK: Operations

    private mutating func binary(_ binary: BinaryOperation) throws(LogQueryError) -> Value {
        let left = try value(binary.left)
        let right = try value(binary.right)
        switch (left, right) {
        case (.number(let a), .number(let b)): return .number(Arithmetic.scalar(binary.operation, a, b))
        case (.vector(let matrix), .number(let number)):
            return .vector(scalar(binary, matrix) { (value) in (value, number) })
        case (.number(let number), .vector(let matrix)):
            return .vector(scalar(binary, matrix) { (value) in (number, value) })
        case (.vector(let a), .vector(let b)):
            return .vector(try VectorMatch(binary, steps: grid.count, context).run(a, b))
        }
    }

    /// A comparison keeps the vector's value, on whichever side it stands, or with `bool` gives 0 or 1.
    private func scalar(
        _ binary: BinaryOperation, _ matrix: SeriesMatrix, _ sides: (Double) -> (Double, Double)
    ) -> SeriesMatrix {
        var result = matrix
        result.mapValues { value in
            let (left, right) = sides(value)
            guard binary.operation.isComparison, !binary.returnsBool else {
                return Arithmetic.value(binary.operation, left, right)
            }
            return Arithmetic.holds(binary.operation, left, right) ? value : Missing.value
        }
        var kept = SeriesMatrix()
        for series in 0..<result.count { kept.append(result.labels[series], result.columns[series]) }
        return kept
    }
}
