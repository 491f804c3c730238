/// Which blocks are too old or too many, by Prometheus' rules.
struct Retention {
    /// Blocks go that end this much before the newest.
    let ms: Int64
    /// Blocks and `otherBytes` may take this much; 0 sets no limit.
    let sizeLimit: Int

    /// The blocks to remove. The newest always stays, whatever its age.
    func expired(_ blocks: [(meta: BlockMeta, bytes: Int)], otherBytes: Int) -> [BlockID] {
        let newestFirst = blocks.sorted { $0.meta.maxTime > $1.meta.maxTime }
        guard let newest = newestFirst.first?.meta.maxTime else { return [] }
        var expired: [BlockID] = []
        var total = otherBytes
        for block in newestFirst {
            let (age, overflow) = newest.subtractingReportingOverflow(block.meta.maxTime)
            total += block.bytes
            let isTooOld = block.meta.maxTime != newest && (overflow || age >= ms)
            if isTooOld || (sizeLimit > 0 && total > sizeLimit) { expired.append(block.meta.id) }
        }
        return expired
    }
}
