extension Int64 {
    private static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    /// The day since the Unix epoch of a time in nanoseconds.
    var flooredDay: Int64 { floored(by: Self.nanosecondsPerDay) }

    /// The quotient, rounded down. The divisor is above 0.
    func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The first and the last time of this day since the Unix epoch, in nanoseconds, as far as 64 bits hold them.
    var timesOfDay: (first: Int64, last: Int64) {
        let (first, isBefore) = multipliedReportingOverflow(by: Self.nanosecondsPerDay)
        let (next, isBehind) = (self + 1).multipliedReportingOverflow(by: Self.nanosecondsPerDay)
        return (isBefore ? .min : first, isBehind ? .max : next - 1)
    }
}
