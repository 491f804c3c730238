/// `labels`: extracted values become labels.
package struct LabelsStage: PipelineStage {
    private let sources: [String: String]

    /// Label name → name of the extracted value.
    package init(_ sources: [String: String]) { self.sources = sources }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        for (label, source) in sources {
            if let value = entry.extracted[source] { entry.labels[label] = value }
        }
        output.append(entry)
    }
}

/// `structured_metadata`: extracted values become metadata of the line.
package struct StructuredMetadataStage: PipelineStage {
    private let sources: [String: String]

    /// Name → name of the extracted value.
    package init(_ sources: [String: String]) { self.sources = sources }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        for (name, source) in sources {
            if let value = entry.extracted[source] { entry.metadata[name] = value }
        }
        output.append(entry)
    }
}

/// `static_labels`: fixed labels for every line.
package struct StaticLabelsStage: PipelineStage {
    private let labels: [String: String]

    /// Name → value.
    package init(_ labels: [String: String]) { self.labels = labels }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        entry.labels.merge(labels) { _, new in new }
        output.append(entry)
    }
}

/// `labeldrop` and `labelallow`.
package struct LabelSelectStage: PipelineStage {
    private let names: Set<String>
    private let keeps: Bool

    /// Removes the named labels, or all others when `keeps` is true.
    package init(_ names: [String], keeps: Bool) {
        self.names = Set(names)
        self.keeps = keeps
    }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        entry.labels = entry.labels.filter { names.contains($0.key) == keeps }
        output.append(entry)
    }
}

/// `output`: an extracted value becomes the line.
package struct OutputStage: PipelineStage {
    private let source: String

    /// The name of the extracted value.
    package init(source: String) { self.source = source }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        if let value = entry.extracted[source] { entry.line = Array(value.utf8) }
        output.append(entry)
    }
}
