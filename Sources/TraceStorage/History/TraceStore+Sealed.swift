import Durable
import MartletCore

/// Parts as others see them, who keep copies elsewhere.
extension TraceStore {
    static func span(of file: PartFile) -> SealedSpan {
        let last = Int64(clamping: file.footer.lastArrival)
        return SealedSpan(
            segments: file.segments.first...file.segments.last,
            arrivals: min(Int64(clamping: file.footer.firstArrival), last)...last)
    }

    /// What a snapshot has: its parts, and what its memory becomes parts of, which may have come elsewhere meanwhile.
    static func spans(_ parts: [StoredPart], _ generations: [Generation]) -> [SealedSpan] {
        parts.map { span(of: $0.file) }
            + generations.filter { $0.spans.spanCount > 0 }.map { generation in
                let last = Int64(clamping: generation.lastArrival)
                return SealedSpan(
                    segments: generation.segment...generation.segment,
                    arrivals: min(Int64(clamping: generation.firstArrival), last)...last)
            }
    }

    /// The parts, and up to when everything is in them.
    func sealed(now: Int64) -> SealedState {
        state.withLock { state in
            let files = state.parts.map { part in
                let start = part.file.footer.groups.map(\.start).min() ?? 0
                let end = part.file.footer.groups.map(\.end).max() ?? 0
                return SealedFile(
                    path: part.file.path, size: Int64(part.file.size), span: Self.span(of: part.file),
                    times: Int64(clamping: min(start, end))...Int64(clamping: end))
            }
            // A request that is under way came no earlier, to the second.
            let until = state.generations.filter { $0.spans.spanCount > 0 }.map(\.firstArrival).min()
            return SealedState(
                files: files, sealedUntil: min(now - 1_000_000_000, until.map { Int64(clamping: $0) } ?? .max))
        }
    }

    /// Removes parts that are to be had elsewhere. One that was merged meanwhile stays.
    func removeLocally(_ files: [SealedFile]) {
        let paths = Set(files.map(\.path))
        let gone = state.withLock { state -> [PartFile] in
            let gone = state.parts.map(\.file).filter { paths.contains($0.path) }
            state.parts.removeAll { paths.contains($0.file.path) }
            return gone
        }
        if !gone.isEmpty { remove(gone) }
    }
}
