/// What the moments at which counting began say about counters. 0 stands for unknown.
package enum StartTimestamp {
    /// True when counting began anew between two samples that follow each other.
    @inlinable
    package static func isReset(previousStart: Int64, previousTime: Int64, start: Int64, time: Int64) -> Bool {
        // A start at or behind the sample itself means nothing.
        if start == 0 || start >= time || start < previousTime { return false }
        if start > previousTime { return true }
        // It begins where the last sample was: a delta, unless the last one's own start is unknown or senseless.
        return previousStart != 0 && previousStart < previousTime
    }

    /// True when a sample's counting reaches back over the sample before, which counted from another moment.
    @inlinable
    package static func overlaps(previousStart: Int64, previousTime: Int64, start: Int64) -> Bool {
        start != 0 && start < previousTime && start != previousStart
    }
}
