/// What holds or does not.
indirect enum OTTLExpression: Sendable {
    /// A value that must be a truth value.
    case truth(OTTLOperand)
    case comparison(OTTLComparison, OTTLOperand, OTTLOperand)
    case not(OTTLExpression)
    /// Those between which `and` stands.
    case all([OTTLExpression])
    /// Those between which `or` stands.
    case any([OTTLExpression])

    /// Whether it holds. What stands behind an `and` or `or` that is decided is not asked.
    func holds(_ subject: OTTLSubject) throws(OTTLFailure) -> Bool {
        switch self {
        case .truth(let operand):
            guard case .bool(let flag) = try operand.value(subject) else {
                throw OTTLFailure("a function that stands alone must give a boolean")
            }
            return flag
        case .comparison(let comparison, let left, let right):
            return comparison.holds(try left.value(subject), try right.value(subject))
        case .not(let expression): return try !expression.holds(subject)
        case .all(let expressions):
            for expression in expressions { guard try expression.holds(subject) else { return false } }
            return true
        case .any(let expressions):
            for expression in expressions { if try expression.holds(subject) { return true } }
            return false
        }
    }
}
