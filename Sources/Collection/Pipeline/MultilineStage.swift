package import MartletCore

/// `multiline`: joins the lines from one that matches `firstline` up to the next that does, with line feeds between.
package struct MultilineStage: PipelineStage {
    private let firstline: Regex
    private let maxWait: Int64
    private let maxLines: Int
    private var block: PipelineEntry?
    private var blockLines = 0
    private var lastLine: Int64 = 0

    /// `maxWait` in nanoseconds: a block without a new line for so long is let out.
    package init(firstline: Regex, maxWait: Int64 = 3_000_000_000, maxLines: Int = 128) {
        self.firstline = firstline
        self.maxWait = maxWait
        self.maxLines = max(1, maxLines)
    }

    package var heldSince: UInt64? { block?.offset }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        let begins = entry.line.withUnsafeBytes { firstline.matches($0) }
        if begins {
            finish(into: &output)
        } else if block == nil {
            // Lines before the first block of a file go on as they are.
            output.append(entry)
            return
        }
        lastLine = entry.readAt
        if block == nil {
            block = entry
            blockLines = 1
        } else {
            block?.line.append(0x0A)
            block?.line.append(contentsOf: entry.line)
            blockLines += 1
        }
        if blockLines >= maxLines { finish(into: &output) }
    }

    package mutating func tick(now: Int64, into output: inout [PipelineEntry]) {
        if block != nil, now - lastLine >= maxWait { finish(into: &output) }
    }

    package mutating func finish(into output: inout [PipelineEntry]) {
        if let block { output.append(block) }
        block = nil
        blockLines = 0
    }
}
