import Durable
import Logging
import MartletCore

/// What goes, and when: retention, the limits on memory and disk.
extension TenantLogs {
    /// Ends old generations, drops what is past retention or over the disk limit, makes files of generations that have ended.
    ///
    /// A step that fails keeps no other from being done, since a full disk needs those that free some of it; the first
    /// failure is thrown at the end.
    func maintain() throws {
        try withUpkeep {
            let now = clock()
            // No copy of a generation that grows: its arrays would be copied with the next line.
            let last = state.withLock { state in
                state.generations.last.map { (firstAppend: $0.firstAppend, lastAppend: $0.lastAppend) }
            }
            var failure: (any Error)?
            func attempt(_ step: () throws -> Void) {
                do { try step() } catch { failure = failure ?? error }
            }
            attempt { if let last, now - last.firstAppend >= options.generationSeconds { try endGeneration() } }
            attempt {
                while let dropped = takeExpired(now: now) {
                    try discard(dropped, reason: "lines are kept for \(options.retention.longest) seconds")
                }
            }
            attempt { while try persistOldest() {} }
            attempt { try holdDiskToItsLimit() }
            attempt { if state.withLock(\.hasOldSegments) { try dropSegments() } }
            // An idle tenant holds no files open.
            if let last, now - last.lastAppend >= options.generationSeconds { indexes.withLock { $0.letGo() } }
            if let failure { throw failure }
        }
        while try trimSegments() {}
        while try mergeSegments() {}
    }

    /// Makes memory free: the oldest generation that is in memory goes into a file. When there is none that has ended, the
    /// newest is ended, so that it may go next; while the record log is replayed, its heads are sealed. False when there
    /// is nothing to free. Called for any tenant's sake, so that a failing disk is noted here only.
    func freeMemory() -> Bool {
        upkeep.withLock { _ in
            guard !state.withLock(\.isClosed) else { return false }
            do {
                if try persistOldest() {
                    try dropSegments()
                    return true
                }
                if let dropped = takeUnwritable() {
                    try discard(
                        dropped, reason: "memory is full, and records that cannot be read keep them from becoming files"
                    )
                    return true
                }
                return try endNewest()
            } catch {
                logger.error(
                    "making room in the log storage met an error",
                    metadata: ["tenant": "\(tenant)", "error": "\(error)"])
                return false
            }
        }
    }

    /// Ends the newest generation, or seals the heads of one that is replayed. False when memory holds no lines.
    private func endNewest() throws -> Bool {
        let (isReplaying, isHolding) = state.withLock { state in
            (state.isReplaying, state.generations.contains { $0.file == nil && !$0.parts.isEmpty })
        }
        guard isHolding else { return false }
        if isReplaying {
            let before = heldBytes
            try sealHeads(before: .max)
            return heldBytes < before
        }
        try endGeneration()
        state.withLock { state in _ = generation(state.newestSegment, now: clock(), &state) }
        return true
    }

    private func holdDiskToItsLimit() throws {
        guard options.retentionBytes > 0, state.withLock(\.hasGrown) else { return }
        var size = try diskBytes()
        while size > options.retentionBytes, let dropped = takeOldest() {
            try discard(
                dropped,
                reason: "the tenant's lines are over the \(options.retentionBytes) bytes of --storage.retention.size")
            let left = try diskBytes()
            // A push under way holds the segment: the next round looks again.
            guard left < size else { return }
            size = left
        }
        state.withLock { $0.hasGrown = false }
    }

    /// Bytes of the record log and of the segment files.
    private func diskBytes() throws -> Int64 {
        let files = state.withLock { state in state.generations.reduce(Int64(0)) { $0 + ($1.file?.size ?? 0) } }
        return try log.segments().reduce(files) { try $0 + fileSystem.status(log.path(ofSegment: $1)).size }
    }

    /// The oldest generation when records that cannot be read keep it, and those behind it, from becoming files.
    private func takeUnwritable() -> Generation? {
        state.withLock { state in
            guard state.generations.count > 1, let first = state.generations.firstIndex(where: { $0.file == nil }),
                state.generations[first].unreadable > 0
            else { return nil }
            return state.generations.remove(at: first)
        }
    }

    /// The oldest generation, unless it is the only one.
    private func takeOldest() -> Generation? {
        state.withLock { $0.generations.count > 1 ? $0.generations.removeFirst() : nil }
    }

    private func takeExpired(now: Int64) -> Generation? {
        let longest = options.retention.longest
        return state.withLock { state in
            guard let place = state.generations.firstIndex(where: { $0.isPast(longest: longest, now: now) }) else {
                return nil
            }
            if let file = state.generations[place].file { gone.note([Self.span(of: file)], tenant: tenant) }
            return state.generations.remove(at: place)
        }
    }

    /// Unix seconds of the first append of the oldest file.
    var oldestFile: Int64? { state.withLock { $0.generations.first { $0.file != nil }?.firstAppend } }

    /// Lets the oldest file go, since the disk has too little room.
    func dropOldestFile(reason: String) throws {
        try withUpkeep {
            let oldest = state.withLock { state in
                state.generations.firstIndex { $0.file != nil }.map { state.generations.remove(at: $0) }
            }
            if let oldest { try discard(oldest, reason: reason) }
        }
    }

    private func discard(_ generation: Generation, reason: String) throws {
        account(-generation.memoryBytes)
        state.withLock { state in
            state.hasOldSegments = true
            state.forgetStreams()
            accountRegistry(&state)
        }
        logger.notice(
            "dropped the oldest log lines",
            metadata: [
                "tenant": "\(tenant)", "reason": "\(reason)", "segment": "\(generation.segment)",
                "bytes": "\(generation.rawBytes)", "streams": "\(generation.streams.count)",
            ])
        if let file = generation.file {
            try remove(file)
            try fileSystem.syncDirectory(segmentDirectory)
        }
        // The segment being written is never removed: its end comes first.
        if state.withLock({ $0.newestSegment == generation.span.last }) { try endGeneration() }
        try dropSegments()
        try dropIndexes()
        if let file = generation.file { try flushIndex(removing: [file]) }
    }

    /// Removes segments that no generation needs and that no append under way may have written to.
    func dropSegments() throws {
        let (bound, isHeldBack) = state.withLock { state in
            let needed = min(state.newestSegment, state.generations.first { $0.file == nil }?.segment ?? .max)
            let underWay = state.appends.oldest ?? .max
            return (min(needed, underWay), underWay < needed)
        }
        try log.truncate(before: bound)
        if !isHeldBack { state.withLock { $0.hasOldSegments = false } }
    }
}
