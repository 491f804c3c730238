/// Tells blocks from those that were made of them.
package enum BlockCopies {
    /// The blocks without those whose samples all are in one of the others, or in one of `own`.
    package static func distinct(_ blocks: [BlockMeta], beside own: [BlockMeta] = []) -> Set<BlockID> {
        var wanted: Set<BlockID> = []
        var holders: [BlockID: [Set<BlockID>]] = [:]
        func add(_ meta: BlockMeta) {
            let sources = Set(meta.sources)
            for source in sources { holders[source, default: []].append(sources) }
        }
        for meta in own { add(meta) }
        // The largest first; of the same samples those that were written last.
        for meta in blocks.sorted(by: { ($0.sources.count, $0.level, $0.id) > ($1.sources.count, $1.level, $1.id) }) {
            let sources = Set(meta.sources)
            let isHeld = meta.sources.first.flatMap { holders[$0] }?.contains { sources.isSubset(of: $0) } ?? false
            guard !isHeld else { continue }
            wanted.insert(meta.id)
            add(meta)
        }
        return wanted
    }
}
