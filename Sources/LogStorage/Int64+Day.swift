extension Int64 {
    private static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    /// The day since the Unix epoch of a time in nanoseconds.
    var flooredDay: Int64 {
        let day = self / Self.nanosecondsPerDay
        return self % Self.nanosecondsPerDay < 0 ? day - 1 : day
    }
}
