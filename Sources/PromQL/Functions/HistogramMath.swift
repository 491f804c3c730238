/// Operators with native histograms.
enum HistogramMath {
    /// Of a histogram and a number; nil where the operator makes nothing of them.
    static func compute(
        _ operation: BinaryOperator, _ histogram: NativeHistogram, _ number: Double, scalarIsLeft: Bool
    ) -> NativeHistogram? {
        var result = histogram
        switch operation {
        case .multiply:
            result.multiply(by: number)
            result.compact()
        case .divide where !scalarIsLeft:
            result.divide(by: number)
            result.compact()
        case .trimUpper where !scalarIsLeft: result.trim(.below, number)
        case .trimLower where !scalarIsLeft: result.trim(.above, number)
        default: return nil
        }
        return result
    }

    /// What an operator makes of two histograms.
    enum Outcome {
        case histogram(NativeHistogram)
        /// A comparison's verdict.
        case verdict(Bool)
        /// One has custom bounds and the other has not.
        case incompatible
        /// The operator makes nothing of histograms.
        case undefined
    }

    static func compute(
        _ operation: BinaryOperator, _ left: NativeHistogram, _ right: NativeHistogram, _ remarks: inout SampleRemarks
    ) -> Outcome {
        var result = left
        let combination: NativeHistogram.Combination?
        switch operation {
        case .equal: return .verdict(left.isSame(as: right))
        case .notEqual: return .verdict(!left.isSame(as: right))
        case .add: combination = result.add(right)
        case .subtract: combination = result.subtract(right)
        default: return .undefined
        }
        guard let combination else { return .incompatible }
        let isAddition = operation == .add
        if combination.hintsCollide { remarks.insert(isAddition ? .collidedAddition : .collidedSubtraction) }
        if combination.boundsReconciled { remarks.insert(isAddition ? .reconciledAddition : .reconciledSubtraction) }
        if !isAddition { result.hint = .gauge }
        result.compact()
        return .histogram(result)
    }
}
