import Durable
import MartletCore

/// Segment files as others see them, who keep copies elsewhere.
extension TenantLogs {
    private static let second: Int64 = 1_000_000_000

    static func span(of file: SegmentFile) -> SealedSpan {
        let (first, isBefore) = file.firstAppend.multipliedReportingOverflow(by: second)
        let (last, isBehind) = file.lastAppend.multipliedReportingOverflow(by: second)
        let start = isBefore ? 0 : first
        return SealedSpan(
            segments: file.span.first...file.span.last, arrivals: start...max(start, isBehind ? .max : last),
            revision: file.span.revision)
    }

    /// Up to when everything is in files when memory holds nothing: a push that is under way began no earlier, to the second.
    static func sealedUntil(_ now: Int64) -> Int64 { now - second }

    /// What the segment files have.
    var sealedSpans: [SealedSpan] {
        state.withLock { $0.generations.compactMap { $0.file.map(Self.span) } }
    }

    /// The segment files, and up to when everything is in them.
    func sealed(now: Int64) -> SealedState {
        state.withLock { state in
            var files: [SealedFile] = []
            var until = Self.sealedUntil(now)
            for generation in state.generations {
                guard let file = generation.file else {
                    if !generation.isVacant { until = min(until, generation.firstAppend * Self.second) }
                    continue
                }
                guard let times = generation.timeRange else { continue }
                files.append(SealedFile(path: file.path, size: file.size, span: Self.span(of: file), times: times))
            }
            return SealedState(files: files, sealedUntil: until)
        }
    }

    /// Files that are removed at once: each is open until the last reference to it goes, whatever `FilePool` would have.
    private static let removedAtOnce = 32

    /// Removes segment files that are to be had elsewhere. One that was merged meanwhile stays.
    func removeLocally(_ files: [SealedFile]) throws {
        try withUpkeep {
            var removed: [SegmentFile] = []
            for start in stride(from: 0, to: files.count, by: Self.removedAtOnce) {
                let paths = files[start..<min(files.count, start + Self.removedAtOnce)].map(\.path)
                removed += try removeGenerations(Set(paths))
            }
            state.withLock { state in
                state.forgetStreams()
                accountRegistry(&state)
            }
            try fileSystem.syncDirectory(segmentDirectory)
            try dropIndexes()
            try flushIndex(removing: removed)
        }
    }

    /// Removes the generations whose files have these paths, and gives the files. Only with `upkeep` held.
    private func removeGenerations(_ paths: Set<String>) throws -> [SegmentFile] {
        let gone = state.withLock { state -> [Generation] in
            let gone = state.generations.filter { $0.file.map { paths.contains($0.path) } ?? false }
            state.generations.removeAll { $0.file.map { paths.contains($0.path) } ?? false }
            return gone
        }
        account(-gone.reduce(0) { $0 + $1.memoryBytes })
        let files = gone.compactMap(\.file)
        for file in files { try remove(file) }
        return files
    }
}
