/// Writes random queries that parse, of the part of PromQL that `SlowEvaluator` knows.
struct QueryGenerator {
    /// A small generator with a seed, so that a failure can be repeated.
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    var random: Random
    /// Only floats are asked for, with functions that are of floats alone.
    let floatsOnly: Bool

    init(seed: UInt64, floatsOnly: Bool = false) {
        random = Random(state: seed)
        self.floatsOnly = floatsOnly
    }

    mutating func vector(_ depth: Int) -> String {
        if depth == 0 { return selector() + modifiers() }
        if floatsOnly, Bool.random(using: &random) { return ofFloats(depth) }
        switch Int.random(in: 0..<11, using: &random) {
        case 0: return selector() + modifiers()
        case 1: return "-(\(vector(depth - 1)))"
        case 2: return "(\(vector(depth - 1)))"
        case 3, 4: return "\(pick(["sum", "avg", "min", "max", "count", "group"]))\(grouping())(\(vector(depth - 1)))"
        case 5:
            return "\(pick(["abs", "ceil", "floor", "exp", "sgn", "sqrt", "histogram_count", "histogram_sum"]))"
                + "(\(vector(depth - 1)))"
        case 6, 7: return "\(pick(Self.overTime))(\(range(depth - 1)))"
        case 8: return "(\(vector(depth - 1))) \(operation()) \(scalar(depth - 1))"
        case 9: return "\(scalar(depth - 1)) \(operation()) (\(vector(depth - 1)))"
        default:
            let matching = pick(["", " on (a)", " on (a, b)", " ignoring (b)", " on ()"])
            if Bool.random(using: &random) {
                return "(\(vector(depth - 1))) \(operation())\(matching) (\(vector(depth - 1)))"
            }
            return "(\(vector(depth - 1))) \(pick(["and", "or", "unless"]))\(matching) (\(vector(depth - 1)))"
        }
    }

    private mutating func ofFloats(_ depth: Int) -> String {
        let inner = depth - 1
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1:
            return
                "\(pick(["rate", "increase", "delta", "irate", "idelta", "stdvar_over_time", "deriv", "changes", "resets"]))"
                + "(\(range(inner)))"
        case 2: return "quantile_over_time(\(pick(["0", "0.3", "0.9", "1", "2"])), \(range(inner)))"
        case 3: return "predict_linear(\(range(inner)), \(pick(["60", "-30", "0"])))"
        case 4: return "\(pick(["stddev", "stdvar"]))\(grouping())(\(vector(inner)))"
        case 5: return "quantile\(grouping())(\(pick(["0.25", "0.5", "1"])), \(vector(inner)))"
        case 6:
            // Which of equal values are chosen is nobody's promise, their sum is.
            return "\(pick(["sum", "count", "max", "min"]))"
                + "(\(pick(["topk", "bottomk"]))\(grouping())(\(pick(["0", "1", "2", "3"])), \(vector(inner))))"
        case 7:
            let function = pick([
                "round(V)", "round(V, 4)", "clamp_min(V, -1)", "clamp_max(V, 3)", "ln(V)",
                "label_replace(V, \"c\", \"$1\", \"b\", \"(.*)\")",
                "label_replace(V, \"b\", \"$1\", \"nowhere\", \"(.*)\")",
                "label_join(V, \"c\", \"-\", \"a\", \"b\")",
            ])
            let parts = function.split(separator: "V", maxSplits: 1)
            return parts[0] + vector(inner) + parts[1]
        default:
            let matching = pick([
                "on (a) group_left ()", "on (a) group_right ()", "ignoring (b) group_left ()", "on (a) group_left (b)",
            ])
            let (many, one) = ("(\(vector(inner)))", "sum by (a) (\(vector(inner)))")
            return matching.contains("right")
                ? "\(one) \(operation()) \(matching) \(many)" : "\(many) \(operation()) \(matching) \(one)"
        }
    }

    private static let overTime = [
        "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "count_over_time", "present_over_time",
        "last_over_time",
    ]

    private mutating func scalar(_ depth: Int) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "time()"
        case 1 where depth > 0: return "scalar(\(vector(depth - 1)))"
        default: return pick(["0", "1", "2", "-1.5", "100", "Inf", "NaN"])
        }
    }

    private mutating func range(_ depth: Int) -> String {
        if depth > 0, Int.random(in: 0..<3, using: &random) == 0 {
            return
                "(\(vector(depth - 1)))[\(pick(["2m", "5m", "90s"])):\(pick(["", "30s", "1m", "45s"]))]\(modifiers())"
        }
        return "\(selector())[\(pick(["30s", "1m", "5m", "10m"]))]\(modifiers())"
    }

    private mutating func selector() -> String {
        if floatsOnly { return pick(["f", "g", "f{a!=\"1\"}", "g{b=\"\"}", "f{a=~\"1|2\",b=\"x\"}"]) }
        return pick([
            "f", "g", "h", "m", "{__name__=~\"f|g\"}", "{__name__=~\"[fh]\", a=\"1\"}", "f{a!=\"1\"}", "g{b=\"\"}",
        ])
    }

    private mutating func modifiers() -> String {
        pick(["", "", "", " offset 1m", " offset -90s", " @ 300", " @ start()", " @ end() offset 30s"])
    }

    private mutating func grouping() -> String {
        pick(["", "", " by (a) ", " by (a, b) ", " without (b) ", " by (__name__) "])
    }

    private mutating func operation() -> String {
        let operation = pick(["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">="])
        let isComparison = ["==", "!=", "<", "<=", ">", ">="].contains(operation)
        return isComparison && Bool.random(using: &random) ? operation + " bool" : operation
    }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }
}
