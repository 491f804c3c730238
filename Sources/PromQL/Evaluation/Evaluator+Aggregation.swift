import MartletCore
import SampleMath

/// Aggregations.
extension Evaluator {
    func aggregate(_ node: Expression.Aggregate, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let parameter: [Double] =
            if let expression = node.parameter, expression.type == .scalar { try scalar(expression, grid) } else { [] }
        switch node.operation {
        case .topk, .bottomk, .limitk: return try ranked(node, parameter, grid)
        case .limitRatio: return try sampled(node, parameter, grid)
        case .countValues: return try countValues(node, grid)
        case .sum: return try folded(node, .sum, [], grid)
        case .avg: return try folded(node, .avg, [], grid)
        case .min: return try folded(node, .min, [], grid)
        case .max: return try folded(node, .max, [], grid)
        case .count: return try folded(node, .count, [], grid)
        case .group: return try folded(node, .group, [], grid)
        case .stddev: return try folded(node, .stddev, [], grid)
        case .stdvar: return try folded(node, .stdvar, [], grid)
        case .quantile:
            annotations.checkQuantiles(parameter, at: node.parameter?.unwrapped.range ?? node.range)
            return try folded(node, .quantile, parameter, grid)
        }
    }

    /// The labels that make a group.
    private func subset(_ node: Expression.Aggregate) -> LabelSubset {
        node.without ? LabelSubset(dropping: node.grouping + [Labels.metricName]) : LabelSubset(keeping: node.grouping)
    }

    /// Aggregations that make one value of a group's values.
    private func folded(
        _ node: Expression.Aggregate, _ aggregation: Aggregation, _ phi: [Double], _ grid: StepGrid
    ) throws(QueryError) -> StepVector {
        var groups = GroupIndex(subset(node))
        var state = AggregationColumns(aggregation, steps: grid.count)
        let keepsName = groups.subset.contains(Labels.metricName)
        let looksAtNames = Labels.describingMetric.contains { groups.subset.contains($0) }
        var dropsName: [Bool] = []
        let position = node.expression.unwrapped.range
        var histograms = HistogramAggregation(aggregation, steps: grid.count)
        try stream(node.expression, grid, looksAtNames: looksAtNames) { labels, dropped, column throws(QueryError) in
            let group = groups.insert(labels)
            if group == dropsName.count {
                // What a mean carries along, which is the most, and the result's row.
                try context.hold(
                    samples: grid.count,
                    bytes: grid.count * 48 + groups.groups[group].bytes.count
                        + 2 * StepVector.rowBytes)
                dropsName.append(false)
            }
            if keepsName, dropped { dropsName[group] = true }
            column.values.withUnsafeBufferPointer { state.add($0, to: group) }
            // Arrays that grow one by one hold twice what is in them, and more while they do.
            if aggregation == .quantile { try context.hold(samples: grid.count, bytes: grid.count * 20) }
            guard column.hasHistograms else { return }
            let (remarks, weight) = histograms.add(column.histograms, to: group)
            try context.hold(samples: weight)
            annotations.note(remarks, metric: leavesNames ? "" : Evaluator.name(labels), at: position)
        }
        var result = StepVector(steps: grid.count)
        var column = StepColumn(missing: grid.count)
        for group in 0..<groups.count {
            if column.hasHistograms { column.dropHistograms() }
            column.values.withUnsafeMutableBufferPointer { state.finish(group, phi: phi, into: $0) }
            if histograms.hasAny {
                let (remarks, isMixed) = histograms.finish(group, into: &column)
                annotations.note(remarks, metric: "", at: position)
                if isMixed {
                    annotations.warn("encountered a mix of histograms and floats for aggregation", at: position)
                }
                if !column.isPresentAnywhere { continue }
            }
            result.append(groups.groups[group], dropsName: dropsName[group], column)
        }
        if histograms.ignoredAny { informOfIgnored(node.operation, at: position) }
        return result
    }

    private func informOfIgnored(_ operation: AggregationOperator, at range: Range<Int>) {
        annotations.inform("ignored histogram in \(operation.rawValue) aggregation", at: range)
    }

    // MARK: Selections

    private func ranked(
        _ node: Expression.Aggregate, _ parameter: [Double], _ grid: StepGrid
    ) throws(QueryError) -> StepVector {
        for value in parameter {
            if value.isNaN { throw QueryError(.execution, "Parameter value is NaN") }
            if value >= 9_223_372_036_854_775_808 {
                throw QueryError(.execution, "Scalar value \(FloatText.general(value)) overflows int64")
            }
            if value <= -9_223_372_036_854_775_808 {
                throw QueryError(.execution, "Scalar value \(FloatText.general(value)) underflows int64")
            }
        }
        let limits = parameter.map { GoMath.clampedInteger($0) }
        guard limits.contains(where: { $0 >= 1 }) else { return StepVector(steps: grid.count) }
        let before = context.holding
        let whole = try vector(node.expression, grid)
        var groups = GroupIndex(subset(node))
        var chosen: [[[Int]]] = []  // per group and step, best first
        var members: [Int] = []  // per group
        let most = limits.max() ?? 0
        // A group has a list of candidates and one of those chosen for each step, and a series can be in all of them.
        func join(_ labels: Labels) throws(QueryError) -> Int {
            let group = groups.insert(labels)
            if group == members.count {
                try context.hold(bytes: grid.count * 2 * Evaluator.listBytes)
                members.append(0)
            }
            members[group] += 1
            if members[group] <= most { try context.hold(bytes: grid.count * 32) }
            return group
        }
        if node.operation == .limitk {
            for row in 0..<whole.count {
                let group = try join(whole.labels[row])
                if group == chosen.count { chosen.append([[Int]](repeating: [], count: grid.count)) }
                for step in 0..<grid.count
                where chosen[group][step].count < limits[step] && whole.isPresent(row, step) {
                    chosen[group][step].append(row)
                }
            }
        } else {
            var selection = RankedSelection(largest: node.operation == .topk, limits: limits)
            for row in 0..<whole.count {
                let group = try join(whole.labels[row])
                whole.withRow(row) { selection.add($0, series: row, to: group) }
            }
            if whole.hasHistograms { informOfIgnored(node.operation, at: node.range) }
            for group in 0..<groups.count {
                try context.check()
                chosen.append((0..<grid.count).map { selection.selected(group: group, step: $0) })
            }
        }
        // All of it goes with the vector once the result is made.
        let holding = context.holding - before
        defer { context.release(holding) }
        return try keeping(chosen, of: whole)
    }

    /// What an array of few elements takes beside them.
    private static let listBytes = 56

    /// The rows that were chosen at any step, with the steps at which they were; in order of choice.
    private func keeping(_ chosen: [[[Int]]], of whole: StepVector) throws(QueryError) -> StepVector {
        var order: [Int] = []
        var position = [Int](repeating: -1, count: whole.count)
        for group in chosen {
            for rows in group {
                for row in rows where position[row] < 0 {
                    position[row] = order.count
                    order.append(row)
                }
            }
        }
        // As columns, and then as rows.
        let columnBytes = order.count * whole.steps * 8
        try context.hold(bytes: columnBytes)
        defer { context.release(bytes: columnBytes) }
        var columns = order.map { _ in StepColumn(missing: whole.steps) }
        for group in chosen {
            for (step, rows) in group.enumerated() {
                for row in rows {
                    if let histogram = whole.histogram(row, step) {
                        columns[position[row]].set(step, histogram)
                    } else {
                        columns[position[row]].values[step] = whole.value(row, step)
                    }
                }
            }
        }
        var result = StepVector(steps: whole.steps)
        for (index, row) in order.enumerated() {
            try hold(row: columns[index])
            result.append(whole.labels[row], dropsName: whole.dropsName[row], columns[index])
        }
        return result
    }

    /// limit_ratio: a share of the series, chosen by a hash of their labels.
    private func sampled(
        _ node: Expression.Aggregate, _ parameter: [Double], _ grid: StepGrid
    ) throws(QueryError) -> StepVector {
        if parameter.contains(where: \.isNaN) { throw QueryError(.execution, "Ratio value is NaN") }
        for (value, cap) in [(parameter.max() ?? 0, 1.0), (parameter.min() ?? 0, -1.0)] {
            guard cap > 0 ? value > cap : value < cap else { continue }
            annotations.warn(
                "ratio value should be between -1 and 1, got \(FloatText.general(value)), capping to "
                    + FloatText.general(cap), at: node.parameter?.unwrapped.range ?? node.range)
        }
        let ratios = parameter.map { min(1, max(-1, $0)) }
        var result = StepVector(steps: grid.count)
        try stream(node.expression, grid) { labels, dropsName, column throws(QueryError) in
            let share = Double(Evaluator.ratioHash(labels)) / 18_446_744_073_709_551_616
            var any = false
            for step in 0..<column.count where column.isPresent(step) {
                let ratio = ratios[step]
                let isChosen = ratio >= 0 ? share < ratio : share >= 1 + ratio
                if isChosen { any = true } else { column.clear(step) }
            }
            guard any else { return }
            try hold(row: column)
            result.append(labels, dropsName: dropsName, column)
        }
        return result
    }

    /// Prometheus' hash of a label set: every string as one length byte (255 and three bytes for long ones) and its
    /// bytes.
    private static func ratioHash(_ labels: Labels) -> UInt64 {
        var bytes: [UInt8] = []
        func append(_ text: UnsafeRawBufferPointer) {
            if text.count < 255 {
                bytes.append(UInt8(text.count))
            } else {
                bytes.append(255)
                for shift in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
            }
            bytes.append(contentsOf: text)
        }
        labels.forEach { name, value in
            append(name)
            append(value)
        }
        return Hash64.hash(bytes)
    }

    private func countValues(_ node: Expression.Aggregate, _ grid: StepGrid) throws(QueryError) -> StepVector {
        guard let parameter = node.parameter else { throw QueryError(.internal, "count_values without a label") }
        let name = try string(parameter)
        guard name.withUnsafeBytes({ LabelName.isValid($0) }) else {
            throw QueryError(.execution, "invalid label name \(Parser.quote(name))")
        }
        let label = String(decoding: name, as: UTF8.self)
        var groups = GroupIndex(
            node.without ? subset(node) : LabelSubset(keeping: node.grouping + [label]))
        var counts: [[Double]] = []
        var builder = LabelsBuilder()
        try stream(node.expression, grid) { labels, _, column throws(QueryError) in
            var groupOfValue: [String: Int] = [:]
            for step in 0..<column.count where column.isPresent(step) {
                let text = column.histogram(step)?.description ?? FloatText.fixed(column.values[step])
                let group: Int
                if let known = groupOfValue[text] {
                    group = known
                } else {
                    builder.reset(to: labels)
                    builder.set(label, text)
                    group = groups.insert(builder.build())
                    groupOfValue[text] = group
                    if group == counts.count {
                        try context.hold(samples: grid.count)
                        counts.append([Double](repeating: Missing.value, count: grid.count))
                    }
                }
                let before = counts[group][step]
                counts[group][step] = Missing.isMissing(before) ? 1 : before + 1
            }
        }
        var result = StepVector(steps: grid.count)
        for group in 0..<groups.count {
            result.append(groups.groups[group], dropsName: false, StepColumn(counts[group]))
        }
        return result
    }
}
