package import MartletCore

/// How far a move of logs has come.
package struct LogMoveState: Sendable, Hashable {
    /// Unix seconds; the lines of this range are moved, its end not included.
    package var from: Int64
    package var until: Int64
    /// Selectors that match every stream once, moved one after the other.
    package var groups: [String]
    /// The one that is being moved.
    package var group = 0
    /// Unix nanoseconds before which all its lines were taken by the target.
    package var next: Int64
    /// Lines that the target has taken, by the Unix day of their times.
    package var days: [Int64: Int64] = [:]
    /// Lines that the target has refused for good.
    package var refused: Int64 = 0

    /// A move that has not begun.
    package init(from: Int64, until: Int64, groups: [String]) {
        self.from = from
        self.until = until
        self.groups = groups
        next = from * 1_000_000_000
    }

    /// Lines that the target has taken.
    package var lines: Int64 { days.values.reduce(0, +) }

    /// Whether all groups were moved.
    package var isDone: Bool { group >= groups.count }

    /// How far it is, in seconds of all groups' ranges.
    package var done: Int64 { Int64(group) * (until - from) + (isDone ? 0 : next / 1_000_000_000 - from) }

    /// Reads what ``members`` wrote; nil for anything else.
    package init?(_ document: JSONValue) {
        guard let from = document["from"]?.int64, let until = document["until"]?.int64, from <= until,
            let groups = document["groups"]?.array?.compactMap(\.string), let group = document["group"]?.int64,
            let next = document["next"]?.string.flatMap({ Int64($0) }), (0...Int64(groups.count)).contains(group),
            MoveTime.range.contains(from), MoveTime.range.contains(until),
            MoveTime.range.contains(next / 1_000_000_000)
        else { return nil }
        self.init(from: from, until: until, groups: groups)
        self.group = Int(group)
        self.next = next
        refused = document["refused"]?.int64 ?? 0
        for member in document["lines"]?.object ?? [] {
            guard let day = Int64(member.key), let count = member.value.int64 else { return nil }
            days[day] = count
        }
    }

    /// The state as members of a JSON object.
    package var members: [JSONValue.Member] {
        [
            .init("from", .number("\(from)")), .init("until", .number("\(until)")),
            .init("groups", .array(groups.map { .string($0) })), .init("group", .number("\(group)")),
            .init("next", .string("\(next)")), .init("refused", .number("\(refused)")),
            .init("lines", .object(days.sorted { $0.key < $1.key }.map { .init("\($0.key)", .number("\($0.value)")) })),
        ]
    }
}
