import MartletCore

/// When retention has to look after a segment file: known as soon as the file is, since it never changes.
struct SegmentDue: Sendable {
    /// Unix nanoseconds after which every line of it is past.
    let removal: Int64
    /// Unix nanoseconds after which it should be written again without what is past: that is half of its lines, or lines
    /// that are past for a day.
    let trimming: Int64

    private static let mostDelay: Int64 = 86_400_000_000_000

    init(_ file: SegmentFile, _ retention: LogRetention) throws {
        var ends: [(time: Int64, bytes: Int)] = []
        var last = Int64.min
        var late = Int64.max
        for part in try file.directory.parts() {
            let kept = LogRetention.nanoseconds(retention.seconds(of: part.labels))
            for block in part.blocks {
                let end = Self.sum(block.maxTime, kept)
                last = max(last, end)
                late = min(late, Self.sum(Self.sum(block.minTime, kept), Self.mostDelay))
                if end < .max { ends.append((end, block.rawBytes)) }
            }
        }
        // What came from the future counts from when it came.
        let received = LogRetention.nanoseconds(Self.sum(file.lastAppend, retention.longest))
        removal = min(last == .min ? received : last, received)
        trimming = min(late, Self.half(ends, of: file.rawBytes))
    }

    /// When the blocks that have ended hold half of all bytes.
    private static func half(_ ends: [(time: Int64, bytes: Int)], of bytes: Int) -> Int64 {
        var ended = 0
        for end in ends.sorted(by: { $0.time < $1.time }) {
            ended += end.bytes
            if ended >= bytes - ended { return end.time }
        }
        return .max
    }

    /// The sum, `.max` where 64 bits do not hold it, and where one side is.
    private static func sum(_ time: Int64, _ span: Int64) -> Int64 {
        guard time < .max, span < .max else { return .max }
        let (sum, overflow) = time.addingReportingOverflow(span)
        return overflow ? .max : sum
    }
}
