import Synchronization

/// The time beyond which no line is needed, since one of the parts of a query has enough lines on this side of it.
final class SharedBound: Sendable {
    private let time: Atomic<Int64>
    private let isBackward: Bool

    init(isBackward: Bool) {
        self.isBackward = isBackward
        time = Atomic(isBackward ? .min : .max)
    }

    /// Notes that lines worse than this time are not needed.
    func tighten(to bound: Int64) {
        if isBackward { time.max(bound, ordering: .relaxed) } else { time.min(bound, ordering: .relaxed) }
    }

    /// The bound, if there is one.
    var value: Int64? {
        let bound = time.load(ordering: .relaxed)
        return bound == (isBackward ? .min : .max) ? nil : bound
    }

    /// Whether a line of this time may be needed.
    func accepts(_ timestamp: Int64) -> Bool {
        let bound = time.load(ordering: .relaxed)
        return isBackward ? timestamp >= bound : timestamp <= bound
    }
}
