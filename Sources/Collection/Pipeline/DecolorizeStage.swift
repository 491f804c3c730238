import MartletCore

/// `decolorize`: removes terminals' escape sequences from the line.
package struct DecolorizeStage: PipelineStage {
    /// Without settings.
    package init() {}

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        if let line = entry.line.withUnsafeBytes({ ANSIEscapes.stripped($0) }) { entry.line = line }
        output.append(entry)
    }
}
