import MartletCore

/// A duration that may be computed from the query's step and range: `5m`, `90`, `step() * 2`, `max_of(step(), 1m)`.
package indirect enum DurationExpression: Sendable, Hashable {
    /// Seconds; written as a duration or as a plain number.
    case literal(Double, isDuration: Bool)
    /// The query's step.
    case step
    /// The query's end minus its start.
    case range
    case negate(DurationExpression)
    case binary(BinaryOperator, DurationExpression, DurationExpression)
    case least(DurationExpression, DurationExpression)
    case greatest(DurationExpression, DurationExpression)
    case parenthesised(DurationExpression)

    /// Whether it is more than a number or duration with signs before it.
    package var isComputed: Bool { if case .literal = withoutSigns { false } else { true } }

    /// Seconds, given the query's step and range in seconds.
    package func seconds(step: Double, range: Double) -> Double {
        switch self {
        case .literal(let value, _): return value
        case .step: return step
        case .range: return range
        case .negate(let inner): return -inner.seconds(step: step, range: range)
        case .parenthesised(let inner): return inner.seconds(step: step, range: range)
        case .least(let a, let b):
            return min(a.seconds(step: step, range: range), b.seconds(step: step, range: range))
        case .greatest(let a, let b):
            return max(a.seconds(step: step, range: range), b.seconds(step: step, range: range))
        case .binary(let operation, let a, let b):
            return ScalarMath.compute(
                operation, a.seconds(step: step, range: range), b.seconds(step: step, range: range))
        }
    }

    /// The expression under unary signs.
    var withoutSigns: DurationExpression {
        if case .negate(let inner) = self { inner.withoutSigns } else { self }
    }

    /// -1 when the unary signs before it make it negative, otherwise 1.
    var sign: Double {
        if case .negate(let inner) = self { -inner.sign } else { 1 }
    }

    /// True when the value is known without a query.
    package var isConstant: Bool {
        switch self {
        case .literal: true
        case .step, .range: false
        case .negate(let inner), .parenthesised(let inner): inner.isConstant
        case .binary(_, let a, let b), .least(let a, let b), .greatest(let a, let b): a.isConstant && b.isConstant
        }
    }

    /// Milliseconds where the value is known without a query.
    package var constantMilliseconds: Int64? {
        guard isConstant else { return nil }
        let milliseconds = (seconds(step: 0, range: 0) * 1000).rounded()
        return milliseconds.magnitude < 9e18 ? Int64(milliseconds) : nil
    }
}

extension DurationExpression: CustomStringConvertible {
    package var description: String {
        switch self {
        case .literal(let value, _): DurationExpression.text(value)
        case .negate(let inner): "-\(inner)"
        default: inner
        }
    }

    /// As part of a larger one, where plain numbers stay what they are.
    private var inner: String {
        switch self {
        case .literal(let value, let isDuration):
            isDuration ? DurationExpression.text(value) : FloatText.fixed(value)
        case .step: "step()"
        case .range: "range()"
        case .negate(let operand): "-\(operand.inner)"
        case .parenthesised(let operand): "(\(operand.inner))"
        case .least(let a, let b): "min_of(\(a.inner), \(b.inner))"
        case .greatest(let a, let b): "max_of(\(a.inner), \(b.inner))"
        case .binary(let operation, let a, let b): "\(a.inner) \(operation.rawValue) \(b.inner)"
        }
    }

    private static func text(_ seconds: Double) -> String {
        let milliseconds = (seconds * 1000).rounded()
        return milliseconds.magnitude < 9e18 ? PrometheusDuration.format(Int64(milliseconds)) : FloatText.fixed(seconds)
    }
}
