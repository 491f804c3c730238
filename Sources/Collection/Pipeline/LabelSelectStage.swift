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
