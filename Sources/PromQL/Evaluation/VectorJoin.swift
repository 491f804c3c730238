import MartletCore
import SampleMath

/// Arithmetic and comparisons between two vectors: every series of the many side meets the one of the other side with
/// its signature, or a fill value in its place.
struct VectorJoin {
    let node: Expression.Binary
    let matching: VectorMatching
    let subset: LabelSubset
    let many: StepVector
    let one: StepVector
    let delayedNameRemoval: Bool

    private var groups: GroupIndex
    /// Rows of either side by group.
    private var oneRows: [[Int]] = []
    private var manyRows: [[Int]] = []
    /// -1 for a series that meets none.
    private var groupOfMany: [Int]

    init(
        node: Expression.Binary, matching: VectorMatching, subset: LabelSubset, many: StepVector, one: StepVector,
        delayedNameRemoval: Bool
    ) {
        self.node = node
        self.matching = matching
        self.subset = subset
        self.many = many
        self.one = one
        self.delayedNameRemoval = delayedNameRemoval
        groups = GroupIndex(subset)
        groupOfMany = [Int](repeating: -1, count: many.count)
    }

    /// True when the left operand is the one side.
    private var isSwapped: Bool { matching.cardinality == .oneToMany }

    /// What stands for a missing series of the one side, and of the many side. Prometheus takes the right fill for the
    /// one side even where that is the left operand.
    private var oneFill: Double? { matching.fillRight }
    private var manyFill: Double? { matching.fillLeft }

    /// A result with the rows it came of; -1 for one that was filled in.
    private struct Pair {
        let many: Int
        let one: Int
    }

    mutating func joined(_ evaluator: Evaluator) throws(QueryError) -> StepVector {
        group()
        for group in oneRows.indices where oneRows[group].count > 1 { try checkOneSide(group) }
        if matching.cardinality == .oneToOne {
            for group in manyRows.indices where manyRows[group].count > 1 { try checkManySide(group) }
        }
        var result = StepVector(steps: many.steps)
        var pairs: [Pair] = []
        try evaluator.context.hold(bytes: 2 * candidateCount * MemoryLayout<(Pair, Int)>.stride)
        for (pair, group) in candidates {
            try evaluator.context.check()
            guard let column = computed(pair, group, evaluator) else { continue }
            try evaluator.hold(row: column)
            let dropped = pair.many >= 0 && many.dropsName[pair.many]
            result.append(
                labels(pair, group), dropsName: dropped || (node.returnsBool && delayedNameRemoval), column)
            pairs.append(pair)
        }
        if matching.cardinality != .oneToOne { try checkUnique(result, pairs) }
        try result.mergeDuplicates(evaluator.context)
        return result
    }

    /// Numbers the signatures of the one side, and of the many side where the one side may be filled in.
    private mutating func group() {
        for row in 0..<one.count {
            let group = groups.insert(one.labels[row])
            if group == oneRows.count { oneRows.append([]) }
            oneRows[group].append(row)
        }
        manyRows = [[Int]](repeating: [], count: oneRows.count)
        for row in 0..<many.count {
            let known = oneFill == nil ? groups.lookup(many.labels[row]) : groups.insert(many.labels[row])
            guard let group = known else { continue }
            if group == manyRows.count {
                manyRows.append([])
                oneRows.append([])
            }
            manyRows[group].append(row)
            groupOfMany[row] = group
        }
    }

    /// How many pairs there are at most.
    private var candidateCount: Int {
        var count = manyFill == nil ? 0 : one.count
        for row in 0..<many.count where groupOfMany[row] >= 0 { count += oneRows[groupOfMany[row]].count + 1 }
        return count
    }

    /// All pairs that series can make, with fills for either side, and their groups; in the order of the many side.
    private var candidates: [(Pair, Int)] {
        var pairs: [(Pair, Int)] = []
        for row in 0..<many.count where groupOfMany[row] >= 0 {
            let group = groupOfMany[row]
            for other in oneRows[group] { pairs.append((Pair(many: row, one: other), group)) }
            if oneFill != nil { pairs.append((Pair(many: row, one: -1), group)) }
        }
        if manyFill != nil {
            for group in oneRows.indices {
                for other in oneRows[group] { pairs.append((Pair(many: -1, one: other), group)) }
            }
        }
        return pairs
    }

    // MARK: Values

    /// The operator over all steps of a pair; nil when nothing comes out at any.
    private func computed(_ pair: Pair, _ group: Int, _ evaluator: Evaluator) -> StepColumn? {
        if pair.many >= 0, pair.one >= 0, !many.rowHasHistograms(pair.many), !one.rowHasHistograms(pair.one),
            !node.operation.isTrim
        {
            return computedFloats(pair)
        }
        var column = StepColumn(missing: many.steps)
        var remarks: SampleRemarks = []
        for step in 0..<many.steps where meets(pair, group, step) {
            let a = operand(many, pair.many, step, manyFill)
            let b = operand(one, pair.one, step, oneFill)
            compute(step, isSwapped ? b : a, isSwapped ? a : b, into: &column, &remarks, evaluator)
        }
        evaluator.annotations.note(remarks, metric: "", at: node.range)
        return column.isPresentAnywhere ? column : nil
    }

    /// The case that matters for speed.
    private func computedFloats(_ pair: Pair) -> StepColumn? {
        let filters = node.operation.isComparison && !node.returnsBool
        var column = StepColumn(missing: many.steps)
        var any = false
        for step in 0..<many.steps {
            let a = many.value(pair.many, step)
            let b = one.value(pair.one, step)
            if Missing.isMissing(a) || Missing.isMissing(b) { continue }
            let (x, y) = isSwapped ? (b, a) : (a, b)
            let result = ScalarMath.compute(node.operation, x, y)
            if filters {
                // What passes is the left side's sample, whichever side is the many one.
                if result == 0 { continue }
                column.values[step] = x
            } else {
                column.values[step] = result
            }
            any = true
        }
        return any ? column : nil
    }

    /// True when a pair is one at a step: both sides are there, or the side that is filled in has nothing.
    private func meets(_ pair: Pair, _ group: Int, _ step: Int) -> Bool {
        if pair.many < 0 {
            return one.isPresent(pair.one, step) && !manyRows[group].contains { many.isPresent($0, step) }
        }
        guard many.isPresent(pair.many, step) else { return false }
        if pair.one < 0 { return !oneRows[group].contains { one.isPresent($0, step) } }
        return one.isPresent(pair.one, step)
    }

    private enum Operand {
        case float(Double)
        case histogram(NativeHistogram)

        var name: String {
            switch self {
            case .float: "float"
            case .histogram: "histogram"
            }
        }
    }

    private func operand(_ vector: StepVector, _ row: Int, _ step: Int, _ fill: Double?) -> Operand {
        guard row >= 0 else { return .float(fill ?? .nan) }
        return vector.histogram(row, step).map { .histogram($0) } ?? .float(vector.value(row, step))
    }

    private func compute(
        _ step: Int, _ left: Operand, _ right: Operand, into column: inout StepColumn,
        _ remarks: inout SampleRemarks, _ evaluator: Evaluator
    ) {
        let operation = node.operation
        switch (left, right) {
        case (.float(let x), .float(let y)) where !operation.isTrim:
            let result = ScalarMath.compute(operation, x, y)
            if !operation.isComparison || node.returnsBool {
                column.values[step] = result
            } else if result != 0 {
                column.values[step] = x
            }
        case (.histogram(let x), .histogram(let y)):
            var found: SampleRemarks = []
            let outcome = HistogramMath.compute(operation, x, y, &found)
            remarks.formUnion(found)
            switch outcome {
            case .histogram(let result):
                // Prometheus warns of contradicting hints instead of answering.
                if found.isDisjoint(with: [.collidedAddition, .collidedSubtraction]) { column.set(step, result) }
            case .verdict(let verdict):
                if node.returnsBool {
                    column.values[step] = verdict ? 1 : 0
                } else if verdict {
                    column.set(step, x)
                }
            case .incompatible:
                evaluator.annotations.warn(
                    "incompatible bucket layout encountered for binary operator \(operation.rawValue)", at: node.range)
            case .undefined: evaluator.noteIncompatible(node, "histogram", "histogram")
            }
        case (.histogram(let x), .float(let y)):
            set(step, HistogramMath.compute(operation, x, y, scalarIsLeft: false), left, right, &column, evaluator)
        case (.float(let x), .histogram(let y)):
            set(step, HistogramMath.compute(operation, y, x, scalarIsLeft: true), left, right, &column, evaluator)
        default: evaluator.noteIncompatible(node, left.name, right.name)
        }
    }

    private func set(
        _ step: Int, _ result: NativeHistogram?, _ left: Operand, _ right: Operand, _ column: inout StepColumn,
        _ evaluator: Evaluator
    ) {
        if let result {
            column.set(step, result)
        } else {
            evaluator.noteIncompatible(node, left.name, right.name)
        }
    }

    // MARK: Labels

    private func labels(_ pair: Pair, _ group: Int) -> Labels {
        // What is filled in has the labels of the match alone.
        let signature = groups.groups[group]
        let one = pair.one >= 0 ? one.labels[pair.one] : signature
        var builder = LabelsBuilder(pair.many >= 0 ? many.labels[pair.many] : signature)
        let removesName = !node.operation.keepsMetricName || (node.returnsBool && !delayedNameRemoval)
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

    // MARK: Checks

    /// Two series of the one side with the same signature must not have samples at the same step.
    private func checkOneSide(_ group: Int) throws(QueryError) {
        for step in 0..<one.steps {
            let present = oneRows[group].filter { one.isPresent($0, step) }
            guard present.count > 1 else { continue }
            guard manyFill != nil || (0..<many.count).contains(where: { many.isPresent($0, step) }) else { continue }
            let texts = [one.labels[present[0]], one.labels[present[1]]].map(VectorJoin.bracedText).sorted()
            throw QueryError(
                .execution,
                "found duplicate series for the match group \(VectorJoin.bracedText(groups.groups[group])) on the "
                    + "\(isSwapped ? "left" : "right") hand-side of the operation: [\(texts[0]), \(texts[1])];"
                    + "many-to-many matching not allowed: matching labels must be unique on one side")
        }
    }

    /// Without grouping, two series of either side must not meet one of the other.
    private func checkManySide(_ group: Int) throws(QueryError) {
        for step in 0..<many.steps {
            guard oneFill != nil || oneRows[group].contains(where: { one.isPresent($0, step) }) else { continue }
            if manyRows[group].count(where: { many.isPresent($0, step) }) > 1 {
                throw QueryError(
                    .execution,
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
            }
        }
    }

    /// With group_left and group_right, two pairs at one step must not come out with equal labels, not even when a
    /// comparison would filter one of them away.
    private func checkUnique(_ result: StepVector, _ pairs: [Pair]) throws(QueryError) {
        var rowsOf: [Labels: [Int]] = [:]
        for row in 0..<result.count { rowsOf[result.labels[row], default: []].append(row) }
        for rows in rowsOf.values where rows.count > 1 {
            for step in 0..<result.steps {
                let meeting = rows.count { row in
                    let pair = pairs[row]
                    return (pair.many < 0 || many.isPresent(pair.many, step))
                        && (pair.one < 0 ? result.isPresent(row, step) : one.isPresent(pair.one, step))
                        && (pair.many >= 0 || result.isPresent(row, step))
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
