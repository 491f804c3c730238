import Durable
import Logging
import MartletCore

/// What goes, and when: retention, the limits on memory and disk.
extension TenantLogs {
    /// Ends old generations, drops what is past retention or over the disk limit, writes new streams to the index.
    func maintain() throws {
        try upkeep.withLock { _ in
            let now = clock()
            let last = state.withLock { $0.generations.last }
            if let last, now - last.firstAppend >= options.generationSeconds { try endGeneration() }
            while let dropped = takeExpired(now: now) {
                try discard(dropped, reason: "lines are kept for \(options.retentionSeconds) seconds")
            }
            try holdLogToItsLimit()
            if state.withLock(\.hasOldSegments) { try dropSegments() }
            try flushIndex()
            // An idle tenant holds no files open.
            if let last, now - last.lastAppend >= options.generationSeconds { indexes.withLock { $0 = [:] } }
        }
    }

    /// Makes memory free: the oldest generation goes, or when there is but one, it is ended and sealed, so that it may go
    /// next. False when there is nothing to free. Called for any tenant's sake, so that a failing disk is noted here only.
    func dropOldest(reason: String) -> Bool {
        upkeep.withLock { _ in
            guard heldBytes > 0 else { return false }
            do {
                if let dropped = takeOldest() {
                    try discard(dropped, reason: reason)
                } else {
                    try endGeneration()
                    try state.withLock { (state: inout State) throws in
                        _ = try generation(state.newestSegment, now: clock(), &state)
                    }
                }
            } catch {
                logger.error(
                    "making room in the log storage met an error",
                    metadata: ["tenant": "\(tenant)", "error": "\(error)"])
                // Memory may have become free all the same; if not, the caller's push is refused.
                return state.withLock { $0.generations.count > 1 }
            }
            return true
        }
    }

    private func holdLogToItsLimit() throws {
        guard state.withLock(\.hasGrown) else { return }
        var sizes = try logSizes()
        while sizes.count > 1, sizes.reduce(0, +) > options.maxLogBytes, let dropped = takeOldest() {
            try discard(dropped, reason: "the record log is over its limit of \(options.maxLogBytes) bytes")
            let left = try logSizes()
            // A push under way holds the segment: the next round looks again.
            guard left.count < sizes.count else { return }
            sizes = left
        }
        state.withLock { $0.hasGrown = false }
    }

    private func logSizes() throws -> [Int64] {
        try log.segments().map { try fileSystem.status(log.path(ofSegment: $0)).size }
    }

    /// The oldest generation, unless it is the only one.
    private func takeOldest() -> Generation? {
        state.withLock { $0.generations.count > 1 ? $0.generations.removeFirst() : nil }
    }

    private func takeExpired(now: Int64) -> Generation? {
        state.withLock { state in
            guard let first = state.generations.first, now - first.lastAppend > options.retentionSeconds else {
                return nil
            }
            return state.generations.removeFirst()
        }
    }

    private func discard(_ generation: Generation, reason: String) throws {
        account(-generation.memoryBytes)
        state.withLock { state in
            state.hasOldSegments = true
            state.forgetStreams()
        }
        logger.notice(
            "dropped the oldest log lines",
            metadata: [
                "tenant": "\(tenant)", "reason": "\(reason)", "segment": "\(generation.segment)",
                "bytes": "\(generation.rawBytes)", "streams": "\(generation.parts.count)",
            ])
        // The segment being written is never removed: its end comes first.
        if state.withLock({ $0.newestSegment == generation.segment }) { try endGeneration() }
        try dropSegments()
        try dropIndexes()
    }

    /// Removes segments that no generation needs and that no append under way may have written to.
    private func dropSegments() throws {
        let (bound, isHeldBack) = state.withLock { state in
            let needed = min(state.newestSegment, state.generations.first?.segment ?? .max)
            let underWay = state.appends.oldest ?? .max
            return (min(needed, underWay), underWay < needed)
        }
        try log.truncate(before: bound)
        if !isHeldBack { state.withLock { $0.hasOldSegments = false } }
    }
}
