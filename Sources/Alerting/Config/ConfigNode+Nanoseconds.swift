import Service

extension ConfigNode {
    /// A duration in nanoseconds. One of more than a hundred years counts as that, so that adding a few of them to the
    /// time of day cannot overflow.
    func nanoseconds() throws(ConfigError) -> Int64 {
        let century: Int64 = 100 * 365 * 86_400_000
        return min(try duration(), century) * 1_000_000
    }
}
