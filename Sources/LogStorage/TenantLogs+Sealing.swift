import MartletCore

/// Sealing: the heads of generations that have ended become blocks, while others read and append.
///
/// Whenever `state` is free, each entry of a generation in memory is in exactly one place of its stream's part: in the head,
/// or in the one block that was made of it. So whoever reads parts with `state` held meets it once, and a copy that is made
/// then stays right. Blocks are made of copies of heads without `state`, some at a time. A block takes its head's place in
/// one hold of `state`, and only if the head is the very columns that were copied: whoever adds to columns of which there is
/// a copy moves to columns of their own, so that nothing that came meanwhile is lost, and no head gives two blocks. Where
/// something came, the block is let go, and the head waits for the next time.
///
/// A generation is settled once its segment has ended and no append under way may reach it. Nothing comes to it any more:
/// sealed then, it has no heads, and becomes a file.
extension TenantLogs {
    /// What is copied in one hold of `state`, and is held as heads and as blocks at the same time: so many parts, or about so
    /// many bytes of lines.
    private static let partsAtOnce = 512
    private static let bytesAtOnce = 4 << 20

    /// Seals the heads of generations before a segment.
    func sealHeads(before segment: Int) throws {
        let segments = state.withLock { state in
            state.generations.filter { $0.file == nil && $0.segment < segment }.map(\.segment)
        }
        // The newest first: whoever has ended one before may still be at work on it.
        for segment in segments.reversed() { try sealHeads(of: segment) }
    }

    /// Seals the heads of a segment's generation. Waits for others that do so.
    func sealHeads(of segment: Int) throws {
        guard let sealing = state.withLock({ state in state.place(of: segment).map { state.generations[$0].sealing } })
        else { return }
        try sealing.withLock { _ in
            var next = 0
            while let (heads, end) = copyHeads(of: segment, from: next) {
                let sealed = try heads.map { (head: $0, block: try LogBlock($0.columns)) }
                state.withLock { state in
                    guard let place = state.place(of: segment) else { return }
                    account(sealed.reduce(0) { $0 + state.generations[place].seal($1.head, as: $1.block) })
                }
                next = end
            }
        }
    }

    private func copyHeads(of segment: Int, from start: Int) -> (heads: [Generation.Head], end: Int)? {
        state.withLock { state in
            state.place(of: segment).flatMap {
                state.generations[$0].heads(from: start, parts: Self.partsAtOnce, bytes: Self.bytesAtOnce)
            }
        }
    }
}
