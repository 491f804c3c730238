package import MartletCore

/// How long lines are kept: all of them alike, or those of some streams for a time of their own. It counts from a line's
/// time, or from when it was received where that is earlier: no line stays for ever because its clock was wrong.
package struct LogRetention: Sendable, Hashable {
    /// A time of their own for streams that match.
    package struct Rule: Sendable, Hashable {
        /// All must pass.
        package var matchers: [Matcher]
        /// Of the rules that match, the one with the highest priority counts, and of several the one with the shortest time.
        package var priority: Int
        /// How long their lines are kept; `.max` for as long as there is room.
        package var seconds: Int64

        /// A rule.
        package init(matchers: [Matcher], priority: Int, seconds: Int64) {
            self.matchers = matchers
            self.priority = priority
            self.seconds = seconds
        }
    }

    /// How long lines are kept that no rule is about; `.max` for as long as there is room.
    package var seconds: Int64
    /// Rules for some streams.
    package var rules: [Rule]

    /// A retention for all lines alike, unless there are rules.
    package init(seconds: Int64 = .max, rules: [Rule] = []) {
        self.seconds = seconds
        self.rules = rules
    }

    /// The longest time that any stream may have.
    package var longest: Int64 { rules.reduce(seconds) { max($0, $1.seconds) } }

    /// How long the lines of a stream are kept, in seconds.
    func seconds(of labels: Labels) -> Int64 {
        var chosen: Rule?
        for rule in rules where rule.matchers.allSatisfy({ $0.matches(labels) }) {
            guard let best = chosen else {
                chosen = rule
                continue
            }
            if (rule.priority, -rule.seconds) > (best.priority, -best.seconds) { chosen = rule }
        }
        return chosen?.seconds ?? seconds
    }

    /// Lines of a stream before this time, in nanoseconds, are past at `now`, Unix seconds.
    func horizon(of labels: Labels, now: Int64) -> Int64 {
        let seconds = seconds(of: labels)
        guard seconds < .max else { return .min }
        return Self.nanoseconds(now - seconds)
    }

    /// Lines before this time are past whatever their stream is. Nanoseconds, as `now`.
    package func horizon(now: Int64) -> Int64 {
        let longest = Self.nanoseconds(longest)
        guard longest < .max else { return .min }
        let (horizon, overflow) = now.subtractingReportingOverflow(longest)
        return overflow ? .min : horizon
    }

    /// Seconds in nanoseconds, as far as 64 bits hold them.
    static func nanoseconds(_ seconds: Int64) -> Int64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product
    }
}
