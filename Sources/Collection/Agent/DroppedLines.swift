import Metrics

/// Counts lines that a pipeline's stages have dropped, under Promtail's name.
enum DroppedLines {
    static func count(_ dropped: [String: UInt64]) {
        for (reason, count) in dropped {
            Counter(label: "logentry_dropped_lines_total", dimensions: [("reason", reason)])
                .increment(by: Int64(clamping: count))
        }
    }
}
