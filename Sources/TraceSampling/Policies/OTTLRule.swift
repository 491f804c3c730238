/// `ottl_condition`: traces with a span, or an event of a span, for which one of some conditions holds.
package struct OTTLRule: SamplingRule {
    /// What becomes of a trace when a condition cannot be evaluated.
    package enum ErrorMode: String, Sendable, CaseIterable {
        /// The condition does not hold; the log says why.
        case ignore
        /// The condition does not hold.
        case silent
        /// The policy does not sample the trace; the log says why.
        case propagate
    }

    private let spanConditions: [OTTLCondition]
    private let eventConditions: [OTTLCondition]
    private let errorMode: ErrorMode
    private var failures = OTTLFailures()

    /// - Parameters:
    ///   - spanConditions: about spans.
    ///   - eventConditions: about events of spans.
    package init(span spanConditions: [OTTLCondition], spanEvent eventConditions: [OTTLCondition], errorMode: ErrorMode)
    {
        self.spanConditions = spanConditions
        self.eventConditions = eventConditions
        self.errorMode = errorMode
    }

    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        var isGivenUp = false
        var found = OTTLFailures()
        let matches = trace.hasSpan { span in
            guard !isGivenUp else { return false }
            do throws(OTTLFailure) {
                if try Self.holds(spanConditions, span, nil, time, &found, errorMode) { return true }
                guard !eventConditions.isEmpty else { return false }
                for event in 0..<span.eventCount {
                    if try Self.holds(eventConditions, span, event, time, &found, errorMode) { return true }
                }
            } catch {
                isGivenUp = true
            }
            return false
        }
        if found.count > 0 { failures.add(found) }
        return SamplingDecision(matches: matches)
    }

    /// Whether one of the conditions holds; throws what ends the evaluation.
    private static func holds(
        _ conditions: [OTTLCondition], _ span: any SampledSpan, _ event: Int?, _ time: UInt64,
        _ failures: inout OTTLFailures, _ errorMode: ErrorMode
    ) throws(OTTLFailure) -> Bool {
        for condition in conditions {
            do throws(OTTLFailure) {
                if try condition.holds(for: span, event: event, now: time) { return true }
            } catch {
                failures.add(error, of: condition, isTold: errorMode != .silent)
                if errorMode == .propagate { throw error }
            }
        }
        return false
    }

    package mutating func takeFailures() -> OTTLFailures {
        defer { failures = OTTLFailures() }
        return failures
    }
}
