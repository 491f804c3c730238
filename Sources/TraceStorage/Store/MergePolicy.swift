import Durable

/// Chooses which parts are merged: neighbours of a like size, so that a span is rewritten only a few times in its life.
struct MergePolicy {
    /// How many parts of a size are merged into one.
    let width: Int
    /// Bytes that a merged part may have.
    let largest: Int
    /// Nanoseconds that the arrivals of a merged part may span: it goes as a whole when it is past retention.
    let longest: UInt64

    /// A run of parts, which are in order of arrival; nil when none is due. None has a damaged part between its own: a copy
    /// elsewhere may be sound, and would count as replaced.
    func choose(
        from parts: [PartFile], except unmergeable: Set<SegmentSpan>, around damaged: [SegmentSpan] = []
    ) -> Range<Int>? {
        guard width > 1, parts.count >= width else { return nil }
        // Newest first: small parts are the most in number, and cost the least.
        for start in stride(from: parts.count - width, through: 0, by: -1) {
            let run = parts[start..<start + width]
            let sizes = run.map(\.size)
            guard let most = sizes.max(), sizes.reduce(0, +) <= largest,
                // No part is rewritten for the sake of a few that are much smaller.
                most <= 4 * (sizes.reduce(0, +) - most) / (width - 1),
                !run.contains(where: { unmergeable.contains($0.segments) }),
                !damaged.contains(where: {
                    $0.first > parts[start].segments.last && $0.last < parts[start + width - 1].segments.first
                })
            else { continue }
            let first = run.map(\.footer.firstArrival).min() ?? 0
            let last = run.map(\.footer.lastArrival).max() ?? 0
            if last - min(first, last) <= longest { return start..<start + width }
        }
        return nil
    }
}
