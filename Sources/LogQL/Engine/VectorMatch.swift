import MartletCore
import SampleMath

/// An operation between the series of two vectors that agree in the matching labels.
struct VectorMatch {
    private let binary: BinaryOperation
    private let steps: Int
    private let context: LogQueryContext
    private let subset: LabelSubset

    init(_ binary: BinaryOperation, steps: Int, _ context: LogQueryContext) {
        self.binary = binary
        self.steps = steps
        self.context = context
        subset =
            binary.matching.isOn
            ? LabelSubset(keeping: binary.matching.names) : LabelSubset(dropping: binary.matching.names)
    }

    func run(_ left: SeriesMatrix, _ right: SeriesMatrix) throws(LogQueryError) -> SeriesMatrix {
        if binary.operation.isSet { return try set(left, right) }
        switch binary.matching.cardinality {
        case .oneToOne, .manyToOne: return try match(many: left, one: right, isSwapped: false)
        case .oneToMany: return try match(many: right, one: left, isSwapped: true)
        }
    }

    private func match(many: SeriesMatrix, one: SeriesMatrix, isSwapped: Bool) throws(LogQueryError) -> SeriesMatrix {
        // Per signature, the one side's series.
        var groups = GroupIndex(subset)
        var partners: [[Int]] = []
        for series in 0..<one.count {
            let group = groups.insert(one.labels[series])
            if group == partners.count { partners.append([]) }
            partners[group].append(series)
        }
        for group in partners where group.count > 1 {
            try context.check()
            for step in 0..<steps where group.count(where: { !Missing.isMissing(one.columns[$0][step]) }) > 1 {
                throw LogQueryError(
                    .badQuery,
                    "found duplicate series on the \(isSwapped ? "left" : "right") hand-side;many-to-many matching not allowed: "
                        + "matching labels must be unique on one side")
            }
        }
        var merge = SeriesMerge(steps: steps, context)
        for series in 0..<many.count {
            guard let group = groups.lookup(many.labels[series]) else { continue }
            for partner in partners[group] {
                try context.check()
                var column = [Double](repeating: Missing.value, count: steps)
                for step in 0..<steps {
                    let (a, b) = (many.columns[series][step], one.columns[partner][step])
                    guard !Missing.isMissing(a), !Missing.isMissing(b) else { continue }
                    column[step] = isSwapped ? value(b, a) : value(a, b)
                }
                let labels = resultLabels(many.labels[series], one.labels[partner])
                try merge.add(labels, column) { _ in
                    binary.matching.cardinality == .oneToOne
                        ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                        : "multiple matches for labels: grouping labels must ensure unique matches"
                }
            }
        }
        return merge.matrix
    }

    private func value(_ left: Double, _ right: Double) -> Double {
        guard binary.operation.isComparison, !binary.returnsBool else {
            return Arithmetic.value(binary.operation, left, right)
        }
        return Arithmetic.holds(binary.operation, left, right) ? left : Missing.value
    }

    private func resultLabels(_ many: Labels, _ one: Labels) -> Labels {
        guard binary.matching.cardinality != .oneToOne else {
            var bytes: [UInt8] = []
            subset.append(of: many, to: &bytes)
            return Labels(canonicalBytes: bytes)
        }
        guard !binary.matching.include.isEmpty else { return many }
        var builder = LabelsBuilder(many)
        for name in binary.matching.include { builder.set(name, one[name] ?? "") }
        return builder.build()
    }

    /// and, or, unless: by presence at each step.
    private func set(_ left: SeriesMatrix, _ right: SeriesMatrix) throws(LogQueryError) -> SeriesMatrix {
        var keysOfLeft = presence(left)
        var keysOfRight = presence(right)
        var result = SeriesMerge(steps: steps, context)
        func add(_ matrix: SeriesMatrix, where other: inout Presence, is wanted: Bool) throws(LogQueryError) {
            for series in 0..<matrix.count {
                try context.check()
                var column = matrix.columns[series]
                let present = other.steps(of: matrix.labels[series])
                for step in 0..<steps where (present?[step] ?? false) != wanted { column[step] = Missing.value }
                // The same labels on both sides are one series: its steps come from either.
                try result.add(matrix.labels[series], column) { "several series have the labels \($0)" }
            }
        }
        switch binary.operation {
        case .and: try add(left, where: &keysOfRight, is: true)
        case .unless: try add(left, where: &keysOfRight, is: false)
        default:
            var none = Presence(groups: GroupIndex(subset), present: [])
            try add(left, where: &none, is: false)
            try add(right, where: &keysOfLeft, is: false)
        }
        return result.matrix
    }

    /// At which steps a signature has a value.
    private struct Presence {
        var groups: GroupIndex
        var present: [[Bool]]

        mutating func steps(of labels: Labels) -> [Bool]? { groups.lookup(labels).map { present[$0] } }
    }

    private func presence(_ matrix: SeriesMatrix) -> Presence {
        var presence = Presence(groups: GroupIndex(subset), present: [])
        for series in 0..<matrix.count {
            let group = presence.groups.insert(matrix.labels[series])
            if group == presence.present.count {
                presence.present.append([Bool](repeating: false, count: steps))
            }
            for step in 0..<steps where !Missing.isMissing(matrix.columns[series][step]) {
                presence.present[group][step] = true
            }
        }
        return presence
    }
}
