import SampleMath

/// A function over a range vector: what it computes and where its arguments stand.
struct RangeCall {
    let function: RangeFunction
    /// Position of the range vector among the arguments.
    var rangeArgument = 0
    /// Positions of the scalar parameters.
    var parameters: [Int] = []
    /// False for functions whose result is another quantity than the series.
    var keepsName = false

    /// True for functions of counters, which are reset when counting begins anew.
    var usesStartTimestamps: Bool {
        switch function {
        case .rate, .irate, .increase, .resets: true
        default: false
        }
    }

    init?(_ name: String) {
        switch name {
        case "rate": function = .rate
        case "increase": function = .increase
        case "delta": function = .delta
        case "irate": function = .irate
        case "idelta": function = .idelta
        case "sum_over_time": function = .sum
        case "avg_over_time": function = .avg
        case "min_over_time": function = .min
        case "max_over_time": function = .max
        case "count_over_time": function = .count
        case "present_over_time": function = .present
        case "stddev_over_time": function = .stddev
        case "stdvar_over_time": function = .stdvar
        case "mad_over_time": function = .mad
        case "changes": function = .changes
        case "resets": function = .resets
        case "deriv": function = .deriv
        case "ts_of_first_over_time": function = .timeOfFirst
        case "ts_of_last_over_time": function = .timeOfLast
        case "ts_of_min_over_time": function = .timeOfMin
        case "ts_of_max_over_time": function = .timeOfMax
        case "first_over_time":
            function = .first
            keepsName = true
        case "last_over_time":
            function = .last
            keepsName = true
        case "quantile_over_time":
            function = .quantile
            rangeArgument = 1
            parameters = [0]
        case "predict_linear":
            function = .predictLinear
            parameters = [1]
        case "double_exponential_smoothing":
            function = .doubleExponentialSmoothing
            parameters = [1, 2]
        default: return nil
        }
    }
}
