/// Words with a meaning of their own, in any mix of capitals.
enum Keyword: String, Sendable, Hashable {
    case offset, smoothed, anchored, by, without, on, ignoring, bool, fill
    case groupLeft = "group_left"
    case groupRight = "group_right"
    case fillLeft = "fill_left"
    case fillRight = "fill_right"
    // Functions that durations and `@` know as well.
    case start, end, step, range
    case maxOf = "max_of"
    case minOf = "min_of"

    /// True for those that stand in front of parentheses as functions do.
    var isFunction: Bool {
        switch self {
        case .start, .end, .step, .range, .maxOf, .minOf: true
        default: false
        }
    }

    /// True for those that may stand in durations.
    var isOfDurations: Bool { isFunction && self != .start && self != .end }

    /// A keyword only in front of a parenthesis, so that metrics of that name stay usable.
    var needsParenthesis: Bool {
        switch self {
        case .fill, .fillLeft, .fillRight: true
        default: false
        }
    }

    var mayNameMetric: Bool {
        switch self {
        case .on, .ignoring, .bool, .groupLeft, .groupRight: false
        default: true
        }
    }
}
