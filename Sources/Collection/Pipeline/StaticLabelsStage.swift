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
