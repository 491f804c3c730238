import LogQL
import MartletCore

/// Walks the times of a block as they are stored, as distances from one to the next, without writing them out: eight at a time
/// are added up, and looked at one by one only where an interval ends.
struct TimeWalk {
    /// So many bytes of distance add up to no more than 64 bits in the largest block.
    static let mostPlanes = 5

    private let header: BlockHeader
    private let divisor: UInt64
    private let planes: [ByteRun.View]
    /// The row that comes next…
    private var row = 0
    /// …and its distance from the first time, in units of `divisor`.
    private var distance: UInt64 = 0

    /// `runs` are the bytes of the distances, lowest first: at most `mostPlanes`, each of one byte less than there are entries.
    init(_ runs: [ByteRun.Place], header: BlockHeader, divisor: UInt64) throws {
        self.header = header
        self.divisor = divisor
        planes = try runs.map { try ByteRun.view($0) }
    }

    /// The rows of each interval from `start` to before `end`, or to the last one, and of all of them.
    mutating func rows(_ start: Int64, _ end: Int64?, by edges: TimeEdges) throws -> IntervalRows {
        defer { for plane in planes { plane.keep() } }
        var intervals: [(interval: Int, rows: Range<Int>)] = []
        if start > header.minTime { pass(notAfter: start - 1) }
        let first = row
        while row < header.count, end.map({ time < $0 }) ?? true {
            let interval = edges.interval(of: time)
            let edge = interval < edges.times.count ? edges.times[interval] : .max
            let from = row
            pass(notAfter: end.map { min(edge, $0 - 1) } ?? edge)
            intervals.append((interval, from..<row))
        }
        let rows = first..<row
        if row < header.count { pass(limit: .max) }
        // Distances are not negative: where the last time is right, all of them rise.
        let (length, isTooLong) = distance.multipliedReportingOverflow(by: divisor)
        guard !isTooLong, length == UInt64(bitPattern: header.maxTime &- header.minTime) else {
            throw LogStorageError.corruptBlock("times end elsewhere than it says")
        }
        return IntervalRows(intervals: intervals, all: rows)
    }

    /// The next row's time. What a damaged block makes of it is noticed at the end.
    private var time: Int64 { header.minTime &+ Int64(bitPattern: distance &* divisor) }

    /// Passes over the next row, and over all behind it that are not later than `edge`, which is no earlier than the first.
    private mutating func pass(notAfter edge: Int64) {
        pass(limit: UInt64(bitPattern: edge &- header.minTime) / divisor)
    }

    private mutating func pass(limit: UInt64) {
        let last = header.count - 1
        var row = row
        var distance = distance
        planes.withUnsafeBufferPointer { planes in
            while row + 8 <= last {
                let next = distance &+ Self.sumOfEight(planes, at: row)
                guard next <= limit else { break }
                distance = next
                row += 8
            }
            while row < last {
                distance &+= Self.one(planes, at: row)
                row += 1
                if distance > limit { return }
            }
            row = last + 1
        }
        self.row = row
        self.distance = distance
    }

    private static func one(_ planes: UnsafeBufferPointer<ByteRun.View>, at row: Int) -> UInt64 {
        var value: UInt64 = 0
        for (place, plane) in planes.enumerated() { value |= UInt64(plane.bytes[row]) << UInt64(place * 8) }
        return value
    }

    @inline(__always)
    private static func sumOfEight(_ planes: UnsafeBufferPointer<ByteRun.View>, at row: Int) -> UInt64 {
        let odd: UInt64 = 0x00ff_00ff_00ff_00ff
        var sum: UInt64 = 0
        for place in 0..<planes.count {
            let bytes = planes[place].bytes.loadUnaligned(fromByteOffset: row, as: UInt64.self)
            let pairs = (bytes & odd) &+ (bytes >> 8 & odd)
            sum &+= ((pairs &* 0x0001_0001_0001_0001) >> 48) << UInt64(place * 8)
        }
        return sum
    }
}
