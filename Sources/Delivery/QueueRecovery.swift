import Durable

/// Brings a queue's log and its cursor in step when the queue is opened, so that no waiting payload is passed over, also
/// when the process or the power goes at any point of it.
struct QueueRecovery {
    /// How far the queue has been delivered.
    private(set) var cursor: QueueCursor
    /// Payloads behind the cursor, by segment.
    private(set) var waiting: [Int: Int]
    /// Damage of the log, and what was done about it.
    private(set) var damage: [ReplayReport.Damage]

    /// Reads the cursor of `directory` and the log, and repairs both.
    init(_ directory: String, _ log: RecordLog, on fileSystem: any FileSystem) throws {
        cursor = try QueueCursor(directory, on: fileSystem)
        // Without segments the log counts from zero again: a place beyond its end would hide what comes.
        let last = try log.segments().last
        if cursor.position.segment > (last ?? -1) {
            try cursor.reset(to: RecordPosition(segment: last.map { $0 + 1 } ?? 0, offset: 0))
        }
        (waiting, damage) = try Self.count(log, from: cursor.position, repair: false)
        if !damage.isEmpty { try repair(log) }
    }

    /// Repairs the log. A segment that is rewritten holds its records elsewhere, so the place in it is given up before:
    /// some payloads are sent again rather than any left out. When the segment was only cut, the place still holds.
    private mutating func repair(_ log: RecordLog) throws {
        let place = cursor.position
        let path = log.path(ofSegment: place.segment)
        let isHit = damage.contains { $0.path == path }
        if isHit { try cursor.reset(to: RecordPosition(segment: place.segment, offset: 0)) }
        (_, damage) = try Self.count(log, from: place, repair: true)
        let isRewritten = damage.contains { damage in
            if case .rewritten = damage.repair { damage.path == path } else { false }
        }
        if isHit, !isRewritten { try cursor.move(to: place) }
        (waiting, _) = try Self.count(log, from: cursor.position, repair: false)
    }

    /// Replays the log and counts the records behind `start` by segment.
    private static func count(
        _ log: RecordLog, from start: RecordPosition, repair: Bool
    ) throws -> ([Int: Int], [ReplayReport.Damage]) {
        var waiting: [Int: Int] = [:]
        let report = try log.replay(from: start.segment, repair: repair) { _, position in
            if position >= start { waiting[position.segment, default: 0] += 1 }
        }
        return (waiting, report.damage)
    }
}
