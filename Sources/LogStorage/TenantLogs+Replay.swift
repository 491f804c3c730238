import Durable
import Logging
import MartletCore

/// From the record log into memory, when a tenant is opened.
extension TenantLogs {
    /// Records of one segment that could not be read.
    private struct Unreadable {
        var count = 0
        let first: RecordPosition
        let reason: String
    }

    func replay() throws {
        let segments = try log.segments()
        guard let newest = segments.last else {
            // Indexes remember streams of which no line is left.
            state.withLock { state in
                state.forgetStreams()
                accountRegistry(&state)
            }
            return try upkeep.withLock { _ in try reconcileIndex() }
        }
        logger.info(
            "replaying the record log",
            metadata: ["tenant": "\(tenant)", "segments": "\(segments.count)", "directory": "\(log.directory)"])
        var segment = -1
        var written: Int64 = 0
        var unreadable: [Unreadable] = []
        state.withLock { $0.isReplaying = true }
        defer { state.withLock { $0.isReplaying = false } }
        // The segment that is read, and those behind it, stay on disk.
        defer { state.withLock { if segment >= 0 { $0.appends.end(at: segment) } } }
        let report = try log.replay { record, position in
            if position.segment != segment {
                try sealHeads(before: position.segment)
                state.withLock { state in
                    state.appends.begin(at: position.segment)
                    if segment >= 0 { state.appends.end(at: segment) }
                    state.newestSegment = position.segment
                }
                segment = position.segment
                written = try fileSystem.status(log.path(ofSegment: segment)).modifiedNanoseconds / 1_000_000_000
                logger.info(
                    "replaying a segment",
                    metadata: ["tenant": "\(tenant)", "segment": "\(segment)", "last": "\(newest)"])
            }
            do {
                let record = try LogRecord(stored: record)
                memory.makeRoom(for: record.memoryBytes)
                var held = Held()
                _ = try apply(record, segment: segment, now: written, &held)
            } catch {
                if unreadable.last?.first.segment != segment {
                    unreadable.append(Unreadable(first: position, reason: "\(error)"))
                }
                unreadable[unreadable.count - 1].count += 1
                state.withLock { state in
                    let place = generation(segment, now: written, &state)
                    state.generations[place].unreadable += 1
                }
            }
        }
        for damage in report.damage {
            logger.warning("the record log was damaged", metadata: ["tenant": "\(tenant)", "damage": "\(damage)"])
        }
        for found in unreadable { complain(found) }
        // New records go to a new segment; what was replayed does not grow any more.
        state.withLock { state in
            state.newestSegment = newest + 1
            _ = generation(newest + 1, now: clock(), &state)
            state.forgetStreams()
            accountRegistry(&state)
        }
        try sealHeads(before: newest + 1)
        logger.info(
            "replayed the record log",
            metadata: [
                "tenant": "\(tenant)", "segments": "\(report.segments)", "records": "\(report.records)",
                "bytes": "\(report.bytes)",
            ])
        try upkeep.withLock { _ in try reconcileIndex() }
    }

    private func complain(_ found: Unreadable) {
        logger.error(
            "records of the log are passed over; their segment stays until it is past retention, so that the version that wrote them can read them",
            metadata: [
                "tenant": "\(tenant)", "records": "\(found.count)", "first": "\(found.first)",
                "file": "\(log.path(ofSegment: found.first.segment))", "reason": "\(found.reason)",
            ])
    }
}
