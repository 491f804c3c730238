/// A sealed block or a head, as a snapshot.
enum LogPiece {
    case block(LogBlock)
    case head(LogColumns)

    var minTime: Int64 {
        switch self {
        case .block(let block): block.minTime
        case .head(let head): head.minTime
        }
    }

    var maxTime: Int64 {
        switch self {
        case .block(let block): block.maxTime
        case .head(let head): head.maxTime
        }
    }

    /// Entries and bytes in `range`, taken as evenly spread where the piece lies partly outside.
    func share(of range: ClosedRange<Int64>) -> (count: Int, bytes: Int) {
        let (count, bytes) =
            switch self {
            case .block(let block): (block.count, block.rawBytes)
            case .head(let head): (head.count, head.rawBytes)
            }
        if range.lowerBound <= minTime, maxTime <= range.upperBound { return (count, bytes) }
        let inside = Double(min(range.upperBound, maxTime)) - Double(max(range.lowerBound, minTime)) + 1
        let share = min(1, max(0, inside / (Double(maxTime) - Double(minTime) + 1)))
        return (Int((Double(count) * share).rounded()), Int((Double(bytes) * share).rounded()))
    }
}
