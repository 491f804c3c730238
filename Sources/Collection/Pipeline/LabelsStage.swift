/// `labels` and `structured_metadata`: extracted values become labels, or metadata, of the line.
package struct LabelsStage: PipelineStage {
    /// What the values become.
    package enum Target: Sendable {
        case labels
        case metadata
    }

    private let sources: [String: String]
    private let target: Target

    /// Name of the label or the metadata → name of the extracted value.
    package init(_ sources: [String: String], as target: Target) {
        self.sources = sources
        self.target = target
    }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        for (name, source) in sources {
            guard let value = entry.extracted[source] else { continue }
            switch target {
            case .labels: entry.labels[name] = value
            case .metadata: entry.metadata[name] = value
            }
        }
        output.append(entry)
    }
}
