/// What kept conditions from being evaluated: how often, and some of the reasons.
package struct OTTLFailures: Sendable, Hashable {
    /// Evaluations that failed.
    package private(set) var count = 0
    /// Reasons to tell, each once and only so many, with their conditions.
    package private(set) var reasons: Set<String> = []

    private static let reasonLimit = 8

    /// None.
    package init() {}

    /// Notes a failure, whose reason is told when it should be.
    mutating func add(_ failure: OTTLFailure, of condition: OTTLCondition, isTold: Bool) {
        count += 1
        if isTold, reasons.count < Self.reasonLimit { reasons.insert("\(condition.text): \(failure.message)") }
    }

    mutating func add(_ other: OTTLFailures) {
        count += other.count
        for reason in other.reasons where reasons.count < Self.reasonLimit { reasons.insert(reason) }
    }
}
