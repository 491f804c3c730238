/// Stages in a row. A value: each file has its own, so that held-back lines of one do not mix with another's.
package struct Pipeline: Sendable {
    private var stages: [any PipelineStage]

    /// In the order in which a line meets them.
    package init(_ stages: [any PipelineStage]) {
        self.stages = stages
    }

    /// True when lines pass untouched.
    package var isEmpty: Bool { stages.isEmpty }

    /// Takes one line through all stages.
    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        run([entry], from: 0, into: &output)
    }

    /// Lets out what has been held back for too long.
    package mutating func tick(now: Int64, into output: inout [PipelineEntry]) {
        for index in stages.indices {
            var out: [PipelineEntry] = []
            stages[index].tick(now: now, into: &out)
            if !out.isEmpty { run(out, from: index + 1, into: &output) }
        }
    }

    /// Lets out everything held back.
    package mutating func finish(into output: inout [PipelineEntry]) {
        for index in stages.indices {
            var out: [PipelineEntry] = []
            stages[index].finish(into: &out)
            if !out.isEmpty { run(out, from: index + 1, into: &output) }
        }
    }

    /// The first offset that any stage holds back.
    package var heldSince: UInt64? { stages.compactMap(\.heldSince).min() }

    /// Lines dropped since the last call, by reason.
    package mutating func takeDropped() -> [String: UInt64] {
        var dropped: [String: UInt64] = [:]
        for index in stages.indices { dropped.merge(stages[index].takeDropped(), uniquingKeysWith: +) }
        return dropped
    }

    private mutating func run(_ entries: [PipelineEntry], from first: Int, into output: inout [PipelineEntry]) {
        var entries = entries
        for index in stages.indices.dropFirst(first) {
            var next: [PipelineEntry] = []
            for entry in entries { stages[index].process(entry, into: &next) }
            if next.isEmpty { return }
            entries = next
        }
        output.append(contentsOf: entries)
    }
}
