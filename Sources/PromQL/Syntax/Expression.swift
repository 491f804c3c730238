package import MartletCore

/// A parsed PromQL expression.
package indirect enum Expression: Sendable, Hashable {
    case number(Number)
    case string(StringLiteral)
    case parenthesised(Expression, range: Range<Int>)
    /// Unary plus or minus.
    case unary(isMinus: Bool, Expression, range: Range<Int>)
    case binary(Binary)
    case aggregate(Aggregate)
    case call(Call)
    case selector(Selector)
    case matrix(Matrix)
    case subquery(Subquery)

    package struct Number: Sendable, Hashable {
        package var value: Double
        /// True when it was written as a duration.
        package var isDuration: Bool
        package var range: Range<Int>
    }

    package struct StringLiteral: Sendable, Hashable {
        /// Not necessarily UTF-8: Go's escapes can make any bytes.
        package var bytes: [UInt8]
        package var range: Range<Int>

        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    package struct Binary: Sendable, Hashable {
        package var operation: BinaryOperator
        package var left: Expression
        package var right: Expression
        package var returnsBool: Bool
        /// Between two vectors only.
        package var matching: VectorMatching?
        package var range: Range<Int>
    }

    package struct Aggregate: Sendable, Hashable {
        package var operation: AggregationOperator
        package var expression: Expression
        package var parameter: Expression?
        package var grouping: [String]
        package var without: Bool
        package var range: Range<Int>
    }

    package struct Call: Sendable, Hashable {
        package var function: Function
        package var arguments: [Expression]
        package var range: Range<Int>
    }

    /// When a selector looks: `@`.
    package enum At: Sendable, Hashable {
        /// Milliseconds.
        case time(Int64)
        case start, end
    }

    /// What a selector makes of the edges of its range, or of its moment.
    package enum Boundary: String, Sendable, Hashable {
        /// The range begins with the sample before it, and ends with the last in it.
        case anchored
        /// Values at the edges are interpolated.
        case smoothed
    }

    package struct Selector: Sendable, Hashable {
        /// The name in front of the braces, or empty.
        package var name: String
        package var matchers: [Matcher]
        package var offset: DurationExpression?
        package var at: At?
        package var boundary: Boundary?
        package var range: Range<Int>
    }

    package struct Matrix: Sendable, Hashable {
        package var selector: Selector
        package var duration: DurationExpression
        package var range: Range<Int>
    }

    package struct Subquery: Sendable, Hashable {
        package var expression: Expression
        package var duration: DurationExpression
        /// The default step when nil.
        package var step: DurationExpression?
        package var offset: DurationExpression?
        package var at: At?
        package var range: Range<Int>
    }

    /// The bytes of the query it was parsed from.
    package var range: Range<Int> {
        switch self {
        case .number(let node): node.range
        case .string(let node): node.range
        case .parenthesised(_, let range), .unary(_, _, let range): range
        case .binary(let node): node.range
        case .aggregate(let node): node.range
        case .call(let node): node.range
        case .selector(let node): node.range
        case .matrix(let node): node.range
        case .subquery(let node): node.range
        }
    }

    /// The type of its value.
    package var type: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .parenthesised(let inner, _), .unary(_, let inner, _): inner.type
        case .binary(let node): node.left.type == .scalar && node.right.type == .scalar ? .scalar : .vector
        case .aggregate, .selector: .vector
        case .call(let node): node.function.result
        case .matrix, .subquery: .matrix
        }
    }

    /// The expression without parentheses around it.
    package var unwrapped: Expression {
        if case .parenthesised(let inner, _) = self { inner.unwrapped } else { self }
    }

    /// Direct parts, in order.
    package var children: [Expression] {
        switch self {
        case .number, .string, .selector: []
        case .parenthesised(let inner, _), .unary(_, let inner, _): [inner]
        case .binary(let node): [node.left, node.right]
        case .aggregate(let node): (node.parameter.map { [$0] } ?? []) + [node.expression]
        case .call(let node): node.arguments
        case .matrix(let node): [.selector(node.selector)]
        case .subquery(let node): [node.expression]
        }
    }

    /// Every selector in it, in order.
    package var selectors: [Selector] {
        if case .selector(let selector) = self { return [selector] }
        return children.flatMap(\.selectors)
    }
}
