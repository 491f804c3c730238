import LogQL
import MartletCore

/// Bytes of groups of streams in steps of time, from what is known of the streams' blocks: one pass over the steps, in each of
/// which only the blocks are looked at that have lines then.
struct VolumeSteps {
    /// A group's bytes in a step.
    typealias Volume = (labels: Labels, bytes: Int)

    private struct Piece {
        let times: ClosedRange<Int64>
        let stream: UInt32
        let extent: UInt32
    }

    /// The groups' labels, sorted.
    private let labels: [Labels]
    private let steps: LogSteps
    private let streams: [LogStreamSummary]
    /// The groups of each stream.
    private let groups: [[Int]]
    /// By their first time.
    private let pieces: [Piece]

    /// Streams count for the groups whose labels `groups` gives, but for those without labels.
    init(_ streams: [LogStreamSummary], _ steps: LogSteps, groups: (Labels) -> [Labels]) {
        self.streams = streams
        self.steps = steps
        var numbers: [Labels: Int] = [:]
        var found: [[Int]] = []
        var pieces: [Piece] = []
        for (number, stream) in streams.enumerated() {
            found.append(
                groups(stream.labels).filter { !$0.isEmpty }.map { labels in
                    let group = numbers[labels] ?? numbers.count
                    numbers[labels] = group
                    return group
                })
            for (place, extent) in stream.extents.enumerated() {
                guard let times = extent.times(in: steps.range) else { continue }
                pieces.append(
                    Piece(
                        times: times, stream: UInt32(truncatingIfNeeded: number),
                        extent: UInt32(truncatingIfNeeded: place)))
            }
        }
        let sorted = numbers.sorted { $0.key < $1.key }
        var ranks = [Int](repeating: 0, count: sorted.count)
        for (rank, group) in sorted.enumerated() { ranks[group.value] = rank }
        labels = sorted.map(\.key)
        self.groups = found.map { $0.map { ranks[$0] } }
        self.pieces = pieces.sorted { $0.times.lowerBound < $1.times.lowerBound }
    }

    /// Calls `body` with the last time of each step and the `limit` biggest groups in it, biggest first, of equal ones by labels.
    func forEach(
        limit: Int, _ context: LogQueryContext,
        _ body: (_ last: Int64, _ biggest: [Volume]) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        var next = 0
        var open: [Piece] = []
        var bytes = [Int?](repeating: nil, count: labels.count)
        for step in 0..<steps.count {
            try context.check()
            let times = steps.times(of: step)
            while next < pieces.count, pieces[next].times.lowerBound <= times.upperBound {
                open.append(pieces[next])
                next += 1
            }
            var touched: [Int] = []
            var kept = 0
            for piece in open {
                if let share = streams[Int(piece.stream)].extents[Int(piece.extent)].share(of: times) {
                    for group in groups[Int(piece.stream)] {
                        if bytes[group] == nil { touched.append(group) }
                        bytes[group] = (bytes[group] ?? 0) + share.bytes
                    }
                }
                guard piece.times.upperBound > times.upperBound else { continue }
                open[kept] = piece
                kept += 1
            }
            open.removeLast(open.count - kept)
            let biggest = Self.biggest(limit, touched.map { (group: $0, bytes: bytes[$0] ?? 0) })
            for group in touched { bytes[group] = nil }
            try body(times.upperBound, biggest.map { (labels[$0.group], $0.bytes) })
        }
    }

    /// The biggest of many, of which most are left out without being sorted.
    private static func biggest(_ limit: Int, _ all: [(group: Int, bytes: Int)]) -> [(group: Int, bytes: Int)] {
        func isBefore(_ a: (group: Int, bytes: Int), _ b: (group: Int, bytes: Int)) -> Bool {
            (b.bytes, a.group) < (a.bytes, b.group)
        }
        var best: [(group: Int, bytes: Int)] = []
        var worst: (group: Int, bytes: Int)?
        for candidate in all {
            if let worst, !isBefore(candidate, worst) { continue }
            best.append(candidate)
            guard best.count >= 2 * limit else { continue }
            best.sort(by: isBefore)
            best.removeLast(best.count - limit)
            worst = best.last
        }
        best.sort(by: isBefore)
        return Array(best.prefix(limit))
    }
}
