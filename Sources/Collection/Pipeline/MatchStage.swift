/// `match`: selected lines go through stages of their own, or no further; the others pass untouched.
package struct MatchStage: PipelineStage {
    private let selector: LineSelector
    private let drops: Bool
    private let reason: String
    private var stages: Pipeline
    private var dropped: UInt64 = 0

    /// With `drops`, selected lines are counted under `reason` and go no further.
    package init(selector: LineSelector, drops: Bool, reason: String, stages: Pipeline) {
        self.selector = selector
        self.drops = drops
        self.reason = reason
        self.stages = stages
    }

    package var heldSince: UInt64? { stages.heldSince }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        guard selector.selects(entry.labels, entry.line) else {
            output.append(entry)
            return
        }
        if drops {
            dropped += 1
        } else {
            stages.process(entry, into: &output)
        }
    }

    package mutating func tick(now: Int64, into output: inout [PipelineEntry]) { stages.tick(now: now, into: &output) }

    package mutating func finish(into output: inout [PipelineEntry]) { stages.finish(into: &output) }

    package mutating func takeDropped() -> [String: UInt64] {
        var all = stages.takeDropped()
        if dropped > 0 { all[reason, default: 0] += dropped }
        dropped = 0
        return all
    }
}
