import MartletCore

/// From a target's labels to a stream's.
enum StreamLabels {
    /// Without the labels that begin with `__`, and with `filename`.
    static func `public`(_ labels: Labels, filename: String? = nil) -> Labels {
        var builder = LabelsBuilder(labels)
        builder.filter { !$0.starts(with: "__".utf8) }
        if let filename { builder.set("filename", filename) }
        return builder.build()
    }

    static func dictionary(_ labels: Labels) -> [String: String] {
        Dictionary(labels.pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// What leaves a pipeline.
    static func entry(_ entry: PipelineEntry) -> LogEntry {
        let labels = Labels(entry.labels.filter { !$0.key.hasPrefix("__") }.map { ($0.key, $0.value) })
        let metadata =
            entry.metadata.isEmpty ? Labels() : Labels(entry.metadata.map { ($0.key, $0.value) })
        return LogEntry(labels: labels, timestamp: entry.timestamp, line: entry.line, metadata: metadata)
    }
}
