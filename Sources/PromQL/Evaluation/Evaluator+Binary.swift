import MartletCore
import SampleMath

/// Operators between two expressions of which at least one is a vector.
extension Evaluator {
    // MARK: Vector and scalar

    func scalarBinary(_ node: Expression.Binary, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        let scalarIsLeft = node.left.type == .scalar
        let scalars = try scalar(scalarIsLeft ? node.left : node.right, grid)
        let filters = node.operation.isComparison && !node.returnsBool
        try stream(scalarIsLeft ? node.right : node.left, grid) { labels, dropsName, column throws(QueryError) in
            var any = false
            for step in column.indices where !Missing.isMissing(column[step]) {
                let value = column[step]
                let result =
                    scalarIsLeft
                    ? ScalarMath.compute(node.operation, scalars[step], value)
                    : ScalarMath.compute(node.operation, value, scalars[step])
                // A comparison without bool lets samples through or not; their value stays the vector's.
                if !filters { column[step] = result } else if result == 0 { column[step] = Missing.value }
                if !filters || result != 0 { any = true }
            }
            guard any else { return }
            if filters {
                try sink(labels, dropsName, &column)
            } else {
                try emitWithoutName(labels, &column, sink)
            }
        }
    }

    // MARK: Vector and vector

    func vectorBinary(_ node: Expression.Binary, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let matching = node.matching ?? VectorMatching()
        let left = try vector(node.left, grid)
        let right = try vector(node.right, grid)
        let subset =
            matching.on
            ? LabelSubset(keeping: matching.labels) : LabelSubset(dropping: matching.labels + [Labels.metricName])
        if node.operation.isSet { return try combined(node.operation, left, right, subset) }
        let swapped = matching.cardinality == .oneToMany
        return try matched(node, matching, subset, many: swapped ? right : left, one: swapped ? left : right)
    }

    /// and, or, unless.
    private func combined(
        _ operation: BinaryOperator, _ left: StepVector, _ right: StepVector, _ subset: LabelSubset
    ) throws(QueryError) -> StepVector {
        let steps = left.steps
        var groups = GroupIndex(subset)
        // The side that decides about the other one: right for and/unless, left for or.
        let (deciding, decided) = operation == .or ? (left, right) : (right, left)
        var present: [Bool] = []
        for row in 0..<deciding.count {
            let group = groups.insert(deciding.labels[row])
            if present.count < groups.count * steps {
                present += repeatElement(false, count: groups.count * steps - present.count)
            }
            for step in 0..<steps where !Missing.isMissing(deciding.value(row, step)) {
                present[group * steps + step] = true
            }
        }
        var result = operation == .or ? left : StepVector(steps: steps)
        for row in 0..<decided.count {
            var column = Array(decided.row(row))
            let group = groups.lookup(decided.labels[row])
            var any = false
            for step in 0..<steps where !Missing.isMissing(column[step]) {
                let other = group.map { present[$0 * steps + step] } ?? false
                if other == (operation == .and) { any = true } else { column[step] = Missing.value }
            }
            if any { result.append(decided.labels[row], dropsName: decided.dropsName[row], column) }
        }
        if operation == .or { try result.mergeDuplicates() }
        return result
    }

    /// Arithmetic and comparisons: every series of the many side meets the one of the other side with its signature.
    private func matched(
        _ node: Expression.Binary, _ matching: VectorMatching, _ subset: LabelSubset, many: StepVector, one: StepVector
    ) throws(QueryError) -> StepVector {
        var groups = GroupIndex(subset)
        var oneRows: [[Int]] = []
        for row in 0..<one.count {
            let group = groups.insert(one.labels[row])
            if group == oneRows.count { oneRows.append([]) }
            oneRows[group].append(row)
        }
        var manyRows = [[Int]](repeating: [], count: oneRows.count)
        var groupOfMany = [Int](repeating: -1, count: many.count)
        for row in 0..<many.count {
            guard let group = groups.lookup(many.labels[row]) else { continue }
            groupOfMany[row] = group
            manyRows[group].append(row)
        }
        for group in oneRows.indices {
            if oneRows[group].count > 1 {
                try checkOneSide(oneRows[group], groups.groups[group], matching, many: many, one: one)
            }
            if matching.cardinality == .oneToOne, manyRows[group].count > 1 {
                try checkManySide(manyRows[group], oneRows[group], many: many, one: one)
            }
        }
        var result = StepVector(steps: many.steps)
        var pairs: [(many: Int, one: Int)] = []
        for row in 0..<many.count where groupOfMany[row] >= 0 {
            try context.check()
            for other in oneRows[groupOfMany[row]] {
                guard let column = computed(node, matching, many, row, one, other) else { continue }
                try context.hold(samples: column.count)
                let dropsName = many.dropsName[row] || (node.returnsBool && options.delayedNameRemoval)
                result.append(
                    resultLabels(node, matching, many.labels[row], one.labels[other]), dropsName: dropsName, column)
                pairs.append((row, other))
            }
        }
        if matching.cardinality != .oneToOne { try checkUnique(result, pairs, many: many, one: one) }
        try result.mergeDuplicates()
        return result
    }

    /// The operator over all steps of two series; nil when nothing comes out at any.
    private func computed(
        _ node: Expression.Binary, _ matching: VectorMatching, _ many: StepVector, _ manyRow: Int, _ one: StepVector,
        _ oneRow: Int
    ) -> [Double]? {
        let swapped = matching.cardinality == .oneToMany
        let filters = node.operation.isComparison && !node.returnsBool
        var column = [Double](repeating: Missing.value, count: many.steps)
        var any = false
        for step in 0..<many.steps {
            let a = many.value(manyRow, step)
            let b = one.value(oneRow, step)
            if Missing.isMissing(a) || Missing.isMissing(b) { continue }
            let (x, y) = swapped ? (b, a) : (a, b)
            let result = ScalarMath.compute(node.operation, x, y)
            if filters {
                // What passes is the left side's sample, whichever side is the many one.
                if result == 0 { continue }
                column[step] = x
            } else {
                column[step] = result
            }
            any = true
        }
        return any ? column : nil
    }

    private func resultLabels(
        _ node: Expression.Binary, _ matching: VectorMatching, _ many: Labels, _ one: Labels
    ) -> Labels {
        var builder = LabelsBuilder(many)
        let removesName = !node.operation.keepsMetricName || (node.returnsBool && !options.delayedNameRemoval)
        if removesName { builder.filter { LabelSubset.withoutMetricName.contains($0) } }
        if matching.cardinality == .oneToOne {
            if matching.on {
                let kept = LabelSubset(keeping: matching.labels)
                builder.filter { kept.contains($0) }
            } else {
                for label in matching.labels { builder.remove(label) }
            }
        }
        for label in matching.include { builder.set(label, one[label] ?? "") }
        return builder.build()
    }

    /// Two series of the one side with the same signature must not have samples at the same step.
    private func checkOneSide(
        _ rows: [Int], _ signature: Labels, _ matching: VectorMatching, many: StepVector, one: StepVector
    ) throws(QueryError) {
        for step in 0..<one.steps {
            let present = rows.filter { !Missing.isMissing(one.value($0, step)) }
            guard present.count > 1 else { continue }
            guard (0..<many.count).contains(where: { !Missing.isMissing(many.value($0, step)) }) else { continue }
            let texts = [one.labels[present[0]], one.labels[present[1]]].map(Evaluator.bracedText).sorted()
            let side = matching.cardinality == .oneToMany ? "left" : "right"
            throw QueryError(
                .execution,
                "found duplicate series for the match group \(Evaluator.bracedText(signature)) on the \(side) hand-side "
                    + "of the operation: [\(texts[0]), \(texts[1])];many-to-many matching not allowed: matching labels "
                    + "must be unique on one side")
        }
    }

    private func checkManySide(
        _ rows: [Int], _ others: [Int], many: StepVector, one: StepVector
    ) throws(QueryError) {
        for step in 0..<many.steps {
            guard others.contains(where: { !Missing.isMissing(one.value($0, step)) }) else { continue }
            if rows.count(where: { !Missing.isMissing(many.value($0, step)) }) > 1 {
                throw QueryError(
                    .execution,
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
            }
        }
    }

    /// With group_left and group_right, two pairs at one step must not come out with equal labels, not even when a
    /// comparison would filter one of them away.
    private func checkUnique(
        _ result: StepVector, _ pairs: [(many: Int, one: Int)], many: StepVector, one: StepVector
    ) throws(QueryError) {
        var rowsOf: [Labels: [Int]] = [:]
        for row in 0..<result.count { rowsOf[result.labels[row], default: []].append(row) }
        for rows in rowsOf.values where rows.count > 1 {
            for step in 0..<result.steps {
                let meeting = rows.count { row in
                    !Missing.isMissing(many.value(pairs[row].many, step))
                        && !Missing.isMissing(one.value(pairs[row].one, step))
                }
                if meeting > 1 {
                    throw QueryError(
                        .execution, "multiple matches for labels: grouping labels must ensure unique matches")
                }
            }
        }
    }

    /// All labels inside braces, as Prometheus writes label sets in these errors.
    private static func bracedText(_ labels: Labels) -> String {
        let inside = labels.pairs.map { name, value in
            (LabelName.isLegacyLabelName(name.utf8) ? name : GoQuote.quote(name)) + "=" + GoQuote.quote(value)
        }
        return "{\(inside.joined(separator: ", "))}"
    }
}
