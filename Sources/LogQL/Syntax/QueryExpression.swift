package import MartletCore

/// A parsed LogQL query.
package indirect enum QueryExpression: Sendable, Hashable {
    case log(LogExpression)
    case number(Double)
    /// `vector(n)`.
    case vector(Double)
    case range(RangeAggregation)
    case aggregation(VectorAggregation)
    case binary(BinaryOperation)
    case labelReplace(QueryExpression, destination: String, replacement: String, source: String, regex: Regex)

    /// Whether the query gives lines; all others give numbers.
    package var isLog: Bool {
        if case .log = self { true } else { false }
    }

    /// The parsed form of `text`.
    package init(parsing text: String) throws(LogQueryError) {
        self = try Parser.parse(text)
    }

    /// Log selectors anywhere in the query.
    package var selectors: [LogExpression] {
        switch self {
        case .log(let log): [log]
        case .number, .vector: []
        case .range(let range): [range.range.log]
        case .aggregation(let aggregation): aggregation.inner.selectors
        case .binary(let binary): binary.left.selectors + binary.right.selectors
        case .labelReplace(let inner, _, _, _, _): inner.selectors
        }
    }
}

/// `by (…)` or `without (…)`.
package struct Grouping: Sendable, Hashable {
    package var isWithout: Bool
    package var names: [String]
}

/// A function over a log range.
package struct RangeAggregation: Sendable, Hashable {
    /// The function's name as LogQL has it.
    package enum Operation: String, Sendable, Hashable, CaseIterable {
        case count = "count_over_time"
        case rate
        case bytes = "bytes_over_time"
        case bytesRate = "bytes_rate"
        case absent = "absent_over_time"
        case rateCounter = "rate_counter"
        case sum = "sum_over_time"
        case avg = "avg_over_time"
        case min = "min_over_time"
        case max = "max_over_time"
        case stddev = "stddev_over_time"
        case stdvar = "stdvar_over_time"
        case first = "first_over_time"
        case last = "last_over_time"
        case quantile = "quantile_over_time"

        /// Whether the function takes `by` and `without`.
        var takesGrouping: Bool {
            switch self {
            case .count, .rate, .bytes, .bytesRate, .absent, .rateCounter, .sum: false
            default: true
            }
        }

        /// Whether it works over an unwrapped label only, over lines only, or (nil) over either.
        var needsUnwrap: Bool? {
            switch self {
            case .count, .bytes, .bytesRate: false
            case .rate, .absent: nil
            default: true
            }
        }

        /// Whether the sum of the results of parts is the result of the whole.
        var isAdditive: Bool {
            switch self {
            case .count, .rate, .bytes, .bytesRate, .sum: true
            default: false
            }
        }
    }

    package var operation: Operation
    /// φ of `quantile_over_time`.
    package var parameter: Double?
    package var range: LogRange
    package var grouping: Grouping?
}

/// An aggregation over series.
package struct VectorAggregation: Sendable, Hashable {
    /// The aggregation's name as LogQL has it.
    package enum Operation: String, Sendable, Hashable, CaseIterable {
        case sum, avg, min, max, count, stddev, stdvar, topk, bottomk, sort
        case sortDescending = "sort_desc"
        case approximateTopk = "approx_topk"

        var takesParameter: Bool { self == .topk || self == .bottomk || self == .approximateTopk }
    }

    package var operation: Operation
    /// k of `topk` and `bottomk`.
    package var parameter: Int?
    package var inner: QueryExpression
    package var grouping: Grouping?
}

/// An operation on two numbers or vectors.
package struct BinaryOperation: Sendable, Hashable {
    package enum Operator: String, Sendable, Hashable {
        case or, and, unless
        case equal = "==", notEqual = "!=", greater = ">", greaterOrEqual = ">=", less = "<", lessOrEqual = "<="
        case add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "%", power = "^"

        var isSet: Bool { self == .or || self == .and || self == .unless }

        var isComparison: Bool {
            switch self {
            case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: true
            default: false
            }
        }

        /// Loosest first.
        var precedence: Int {
            switch self {
            case .or: 1
            case .and, .unless: 2
            case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: 3
            case .add, .subtract: 4
            case .multiply, .divide, .modulo: 5
            case .power: 6
            }
        }
    }

    /// Which series meet, and how many of each side.
    package struct Matching: Sendable, Hashable {
        package enum Cardinality: Sendable, Hashable {
            case oneToOne
            /// `group_left`: many on the left.
            case manyToOne
            /// `group_right`: many on the right.
            case oneToMany
        }

        /// `on` (true) or `ignoring`.
        package var isOn = false
        package var names: [String] = []
        package var cardinality = Cardinality.oneToOne
        /// Labels taken over from the one side.
        package var include: [String] = []
    }

    package var operation: Operator
    package var left: QueryExpression
    package var right: QueryExpression
    package var returnsBool: Bool
    package var matching: Matching
}
