import LogQL

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

    /// What is known of it, as far as it lies in `window`. No piece is empty.
    func extent(in window: ClosedRange<Int64> = .min ... .max) -> LogExtent {
        let (lines, bytes) =
            switch self {
            case .block(let block): (block.count, block.rawBytes)
            case .head(let head): (head.count, head.rawBytes)
            }
        return LogExtent(times: minTime...maxTime, lines: lines, bytes: bytes, window: window)
    }

    /// About how many bytes lie in `range`.
    func bytes(in range: ClosedRange<Int64>) -> Int { extent().share(of: range)?.bytes ?? 0 }
}
