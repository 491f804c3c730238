/// What lies in the segments of a queue's log: their bytes, and the payloads in them that are neither delivered nor
/// dropped.
struct QueueSegments {
    private struct Segment {
        var bytes: Int64 = 0
        var waiting = 0
    }

    private var segments: [Int: Segment] = [:]
    /// Bytes of all segments.
    private(set) var bytes: Int64 = 0
    /// Waiting payloads of all segments.
    private(set) var waiting = 0

    /// Sets the size of a segment.
    mutating func set(_ segment: Int, bytes size: Int64) {
        bytes += size - (segments[segment]?.bytes ?? 0)
        segments[segment, default: Segment()].bytes = size
    }

    /// Counts payloads that have come.
    mutating func add(_ segment: Int, waiting count: Int) {
        waiting += count
        segments[segment, default: Segment()].waiting += count
    }

    /// Counts a payload that is done with.
    mutating func finish(_ segment: Int) {
        guard let count = segments[segment]?.waiting, count > 0 else { return }
        waiting -= 1
        segments[segment]?.waiting -= 1
    }

    /// Counts the payloads before `first` as dropped and returns how many those are.
    mutating func dropPayloads(before first: Int) -> Int {
        var dropped = 0
        for (number, segment) in segments where number < first {
            dropped += segment.waiting
            segments[number]?.waiting = 0
        }
        waiting -= dropped
        return dropped
    }

    /// Forgets the segments before `first`, whose files are gone.
    mutating func remove(before first: Int) {
        for (number, segment) in segments where number < first {
            bytes -= segment.bytes
            waiting -= segment.waiting
        }
        segments = segments.filter { $0.key >= first }
    }

    /// The first segment to keep when the oldest ones before `current` go until at most `limit` bytes are left; nil when
    /// none need go.
    func firstKept(limit: Int64, current: Int) -> Int? {
        var left = bytes
        var first: Int?
        for number in segments.keys.sorted() where number < current && left > limit {
            left -= segments[number]?.bytes ?? 0
            first = number + 1
        }
        return first
    }
}
