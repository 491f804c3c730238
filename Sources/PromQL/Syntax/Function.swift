/// PromQL's functions: names, argument types and results, as Prometheus declares them.
package struct Function: Sendable, Hashable {
    package let name: String
    package let arguments: [ValueType]
    /// 0: exactly the arguments listed. Otherwise so many of the last may be left out, or with -1 the last may be
    /// repeated any number of times, including none.
    package let variadic: Int
    package let result: ValueType
    package let isExperimental: Bool

    private init(
        _ name: String, _ arguments: [ValueType], variadic: Int = 0, result: ValueType = .vector,
        experimental: Bool = false
    ) {
        self.name = name
        self.arguments = arguments
        self.variadic = variadic
        self.result = result
        isExperimental = experimental
    }

    /// All functions this engine evaluates, by name.
    package static let all: [String: Function] = {
        var list: [Function] = []
        for name in [
            "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg", "exp", "floor",
            "ln",
            "log10", "log2", "rad", "sgn", "sin", "sinh", "sort", "sort_desc", "sqrt", "tan", "tanh", "timestamp",
            "absent", "histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar",
        ] { list.append(Function(name, [.vector])) }
        for name in [
            "absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "first_over_time",
            "idelta", "increase", "irate", "last_over_time", "max_over_time", "min_over_time", "present_over_time",
            "rate", "resets", "stddev_over_time", "stdvar_over_time", "sum_over_time",
        ] { list.append(Function(name, [.matrix])) }
        for name in [
            "mad_over_time", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time",
            "ts_of_min_over_time",
        ] { list.append(Function(name, [.matrix], experimental: true)) }
        for name in [
            "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year",
        ] { list.append(Function(name, [.vector], variadic: 1)) }
        for name in ["start", "end", "range", "step"] {
            list.append(Function(name, [], result: .scalar, experimental: true))
        }
        for name in ["max_of", "min_of"] {
            list.append(Function(name, [.scalar, .scalar], result: .scalar, experimental: true))
        }
        for name in ["sort_by_label", "sort_by_label_desc"] {
            list.append(Function(name, [.vector, .string], variadic: -1, experimental: true))
        }
        list += [
            Function("clamp", [.vector, .scalar, .scalar]),
            Function("clamp_max", [.vector, .scalar]),
            Function("clamp_min", [.vector, .scalar]),
            Function("double_exponential_smoothing", [.matrix, .scalar, .scalar], experimental: true),
            Function("histogram_fraction", [.scalar, .scalar, .vector]),
            Function("histogram_quantile", [.scalar, .vector]),
            Function("histogram_quantiles", [.vector, .string, .scalar, .scalar], variadic: 9, experimental: true),
            Function("info", [.vector, .vector], variadic: 1, experimental: true),
            Function("label_join", [.vector, .string, .string, .string], variadic: -1),
            Function("label_replace", [.vector, .string, .string, .string, .string]),
            Function("pi", [], result: .scalar),
            Function("predict_linear", [.matrix, .scalar]),
            Function("quantile_over_time", [.scalar, .matrix]),
            Function("round", [.vector, .scalar], variadic: 1),
            Function("scalar", [.vector], result: .scalar),
            Function("start_timestamp", [.vector], experimental: true),
            Function("time", [], result: .scalar),
            Function("vector", [.scalar]),
        ]
        return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0) })
    }()
}
