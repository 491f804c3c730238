import Durable

/// What the age of an object counts from.
package enum AgeOrigin: Sendable {
    /// Its last arrival.
    case arrival
    /// The last of the times of what is in it, or its last arrival where that is earlier.
    case ownTime

    /// Unix nanoseconds from which a file or an object grows old.
    func last(_ span: SealedSpan, _ times: ClosedRange<Int64>) -> Int64 {
        switch self {
        case .arrival: span.arrivals.upperBound
        case .ownTime: min(span.arrivals.upperBound, times.upperBound)
        }
    }
}
