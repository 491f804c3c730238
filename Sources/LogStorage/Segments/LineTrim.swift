import LogQL
import MartletCore

/// What of a stream is not written again when its blocks are: lines that are past their retention.
struct LineTrim {
    let retention: LogRetention
    /// Unix seconds.
    let now: Int64
    /// Lines that were left out.
    private(set) var leftOut = 0

    init(_ retention: LogRetention, now: Int64) {
        self.retention = retention
        self.now = now
    }

    /// The blocks that stay of a stream: whole ones as they are.
    mutating func apply(to blocks: [LogBlock], of labels: Labels) throws -> [LogBlock] {
        let horizon = retention.horizon(of: labels, now: now)
        guard blocks.contains(where: { $0.minTime < horizon }) else { return blocks }
        var kept: [LogBlock] = []
        for block in blocks {
            if block.minTime >= horizon {
                kept.append(block)
            } else if block.maxTime >= horizon {
                var columns = LogColumns()
                columns.append(try block.decode(), in: horizon ... .max)
                leftOut += block.count - columns.count
                kept.append(try LogBlock(columns))
            } else {
                leftOut += block.count
            }
        }
        return kept
    }
}
