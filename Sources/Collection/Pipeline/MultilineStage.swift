package import MartletCore

/// `multiline`: joins the lines of a stream from one that matches `firstline` up to the next that does, with line feeds
/// between. Streams are told apart by their labels, as those of several services in one journal.
package struct MultilineStage: PipelineStage {
    private struct Block: Sendable {
        var entry: PipelineEntry
        var lines = 1
        /// Unix time in nanoseconds at which the last line was read.
        var lastLine: Int64
    }

    private let firstline: Regex
    private let maxWait: Int64
    private let maxLines: Int
    /// By the labels of their lines.
    private var blocks: [[String: String]: Block] = [:]

    /// `maxWait` in nanoseconds: a block without a new line for so long is let out.
    package init(firstline: Regex, maxWait: Int64 = 3_000_000_000, maxLines: Int = 128) {
        self.firstline = firstline
        self.maxWait = maxWait
        self.maxLines = max(1, maxLines)
    }

    package var heldSince: UInt64? { blocks.values.map(\.entry.offset).min() }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var block = blocks.removeValue(forKey: entry.labels)
        if entry.line.withUnsafeBytes({ firstline.matches($0) }) {
            if let block { output.append(block.entry) }
            block = Block(entry: entry, lastLine: entry.readAt)
        } else {
            block?.entry.line.append(0x0A)
            block?.entry.line.append(contentsOf: entry.line)
            block?.lines += 1
            block?.lastLine = entry.readAt
        }
        // Lines before the first block of a stream go on as they are.
        guard let block else { return output.append(entry) }
        if block.lines >= maxLines { output.append(block.entry) } else { blocks[entry.labels] = block }
    }

    package mutating func tick(now: Int64, into output: inout [PipelineEntry]) {
        letOut(into: &output) { [maxWait] in now - $0.lastLine >= maxWait }
    }

    package mutating func finish(into output: inout [PipelineEntry]) {
        letOut(into: &output) { _ in true }
    }

    private mutating func letOut(into output: inout [PipelineEntry], where isOver: (Block) -> Bool) {
        let over = blocks.filter { isOver($0.value) }
        guard !over.isEmpty else { return }
        for labels in over.keys { blocks[labels] = nil }
        output += over.values.map(\.entry).sorted { ($0.offset, $0.readAt) < ($1.offset, $1.readAt) }
    }
}
