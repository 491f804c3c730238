import MartletCore

/// A duration that may be computed from the query's step and range: `5m`, `90`, `step() * 2`, `max_of(step(), 1m)`.
package struct DurationExpression: Sendable, Hashable {
    package indirect enum Form: Sendable, Hashable {
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
    }

    /// Why a duration cannot be computed: where in the query, in bytes, and what is wrong, in Prometheus' words.
    package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        package let range: Range<Int>
        package let message: String

        package var description: String { "\(range.lowerBound):\(range.upperBound): \(message)" }
    }

    package let form: Form
    /// The bytes of the query that Prometheus names where it is at fault: from operand to operand, without the parentheses
    /// around them.
    package let range: Range<Int>

    init(_ form: Form, _ range: Range<Int>) {
        self.form = form
        self.range = range
    }

    /// Says that this part is at fault.
    func fault(_ message: String) -> Fault { Fault(range: range, message: message) }

    /// Whether it is a number or duration with signs before it, or without.
    var isLiteral: Bool { if case .literal = withoutSigns.form { true } else { false } }

    /// Seconds, given the query's step and range in seconds.
    package func seconds(step: Double, range: Double) throws(Fault) -> Double {
        func value(_ part: DurationExpression) throws(Fault) -> Double { try part.seconds(step: step, range: range) }
        switch form {
        case .literal(let value, _): return value
        case .step: return step
        case .range: return range
        case .negate(let inner): return -(try value(inner))
        case .parenthesised(let inner): return try value(inner)
        case .least(let a, let b):
            let (first, second) = (try value(a), try value(b))
            return first.isNaN || second.isNaN ? .nan : min(first, second)
        case .greatest(let a, let b):
            let (first, second) = (try value(a), try value(b))
            return first.isNaN || second.isNaN ? .nan : max(first, second)
        case .binary(let operation, let a, let b):
            let (left, right) = (try value(a), try value(b))
            if right == 0, operation == .divide { throw fault("division by zero") }
            if right == 0, operation == .modulo { throw fault("modulo by zero") }
            return ScalarMath.compute(operation, left, right)
        }
    }

    /// The expression under unary signs.
    var withoutSigns: DurationExpression {
        if case .negate(let inner) = form { inner.withoutSigns } else { self }
    }

    /// -1 when the unary signs before it make it negative, otherwise 1.
    var sign: Double {
        if case .negate(let inner) = form { -inner.sign } else { 1 }
    }

    /// True when the value is known without a query.
    package var isConstant: Bool {
        switch form {
        case .literal: true
        case .step, .range: false
        case .negate(let inner), .parenthesised(let inner): inner.isConstant
        case .binary(_, let a, let b), .least(let a, let b), .greatest(let a, let b): a.isConstant && b.isConstant
        }
    }

    /// Milliseconds where the value is known without a query.
    package var constantMilliseconds: Int64? {
        guard isConstant, let seconds = try? seconds(step: 0, range: 0) else { return nil }
        let milliseconds = (seconds * 1000).rounded()
        return milliseconds.magnitude < 9e18 ? Int64(milliseconds) : nil
    }
}

extension DurationExpression: CustomStringConvertible {
    package var description: String {
        switch form {
        case .literal(let value, _): DurationExpression.text(value)
        case .negate(let inner): "-\(inner)"
        default: inner
        }
    }

    /// As part of a larger one, where plain numbers stay what they are.
    private var inner: String {
        switch form {
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
