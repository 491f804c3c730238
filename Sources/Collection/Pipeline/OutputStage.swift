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
