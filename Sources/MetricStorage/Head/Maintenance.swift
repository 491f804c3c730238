/// What the store remembers between two rounds of maintenance.
struct Maintenance {
    /// References in the log whose labels are known under another one.
    var aliases: [UInt64: SeriesRef]
    /// For references in the log that have native histograms, which stay there unread: the time of the newest.
    var histogramTimes: [UInt64: Int64]
    /// The time before which samples were last taken out of the log.
    var truncatedBefore: Int64
}
