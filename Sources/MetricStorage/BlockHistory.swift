package import PromQL

/// Blocks that are kept elsewhere, such as in a bucket, and answer queries together with a store's own.
package protocol BlockHistory: Sendable {
    /// The blocks with samples in the times (both ends included, milliseconds), without those whose samples are all in one
    /// of the store's own. May block on the network.
    func blocks(
        from start: Int64, to end: Int64, beside own: [BlockMeta], context: QueryContext
    ) throws(QueryError) -> [Block]
}
