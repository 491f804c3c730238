/// One stage of a pipeline: takes a line and lets through none, the same or others.
package protocol PipelineStage: Sendable {
    /// Takes one line.
    mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry])
    /// Lets out what is overdue; `now` is Unix time in nanoseconds.
    mutating func tick(now: Int64, into output: inout [PipelineEntry])
    /// Lets out everything that is held back.
    mutating func finish(into output: inout [PipelineEntry])
    /// The file offset of the first line that is held back.
    var heldSince: UInt64? { get }
    /// Lines dropped since the last call, by reason.
    mutating func takeDropped() -> [String: UInt64]
}

extension PipelineStage {
    package mutating func tick(now: Int64, into output: inout [PipelineEntry]) {}
    package mutating func finish(into output: inout [PipelineEntry]) {}
    package var heldSince: UInt64? { nil }
    package mutating func takeDropped() -> [String: UInt64] { [:] }
}
