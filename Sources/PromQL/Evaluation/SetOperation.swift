import MartletCore
import SampleMath

/// and, or, unless.
enum SetOperation {
    /// The series of two vectors, compared by the labels that `subset` leaves.
    static func combined(
        _ operation: BinaryOperator, _ left: StepVector, _ right: StepVector, _ subset: LabelSubset,
        _ evaluator: Evaluator
    ) throws(QueryError) -> StepVector {
        let steps = left.steps
        var groups = GroupIndex(subset)
        // The side that decides about the other one: right for and/unless, left for or.
        let (deciding, decided) = operation == .or ? (left, right) : (right, left)
        var present: [Bool] = []
        for row in 0..<deciding.count {
            let group = groups.insert(deciding.labels[row])
            if present.count < groups.count * steps {
                // As much again while the array grows.
                try evaluator.context.hold(bytes: 3 * steps)
                present += repeatElement(false, count: groups.count * steps - present.count)
            }
            for step in 0..<steps where deciding.isPresent(row, step) { present[group * steps + step] = true }
        }
        // The first row that comes to those of the left side makes a copy of them.
        if operation == .or { for row in 0..<left.count { try evaluator.hold(row: left.column(row)) } }
        var result = operation == .or ? left : StepVector(steps: steps)
        for row in 0..<decided.count {
            var column = decided.column(row)
            let group = groups.lookup(decided.labels[row])
            var any = false
            for step in 0..<steps where column.isPresent(step) {
                let other = group.map { present[$0 * steps + step] } ?? false
                if other == (operation == .and) { any = true } else { column.clear(step) }
            }
            guard any else { continue }
            try evaluator.hold(row: column)
            result.append(decided.labels[row], dropsName: decided.dropsName[row], column)
        }
        if operation == .or { try result.mergeDuplicates(evaluator.context) }
        return result
    }
}
