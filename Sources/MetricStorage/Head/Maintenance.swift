/// What the store remembers between two rounds of maintenance.
struct Maintenance {
    /// References in the log whose labels are known under another one.
    var aliases: [UInt64: SeriesRef]
    /// The time before which samples were last taken out of the log.
    var truncatedBefore: Int64
    /// Where the head began when out-of-order samples last became blocks.
    var outOfOrderCutBefore: Int64
}
