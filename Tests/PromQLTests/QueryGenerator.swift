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

    init(seed: UInt64) {
        random = Random(state: seed)
    }

    mutating func vector(_ depth: Int) -> String {
        if depth == 0 { return selector() + modifiers() }
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
        pick(["f", "g", "h", "m", "{__name__=~\"f|g\"}", "{__name__=~\"[fh]\", a=\"1\"}", "f{a!=\"1\"}", "g{b=\"\"}"])
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
