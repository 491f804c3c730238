package import LogQL
import MartletCore

/// What a reader wants of a block.
package struct BlockSelection {
    /// The entries, all of which are wanted, and what was looked at for them.
    package struct Result {
        /// The entries.
        package var columns: LogColumns
        var header: BlockHeader
        /// Lines that the filters ran over, or were spared to run over.
        package var read: Int

        /// Bytes of those lines, taken as equally long.
        var readBytes: Int { Int(Double(header.lineBytes) * Double(read) / Double(header.count)) }
    }

    /// First wanted time, nanoseconds, inclusive.
    package var start: Int64
    /// The end of the wanted times, exclusive; nil when there is none.
    package var end: Int64?
    /// All must pass.
    package var filters: [LineFilter]
    /// What is known of the lines that are wanted.
    package var hints: [FieldHint] = []
    /// What is known of the stored labels of entries that are wanted.
    package var labelCheck: LabelHintCheck?
    /// What is wanted of the lines.
    package var text: LogSelection.Text
    /// The query that asks, which may be cancelled or run out of time; nil when nothing ends the reading.
    package var context: LogQueryContext?

    /// A wish for entries from `start` to before `end`.
    package init(
        start: Int64, end: Int64?, filters: [LineFilter] = [], text: LogSelection.Text = .lines,
        context: LogQueryContext? = nil
    ) {
        self.start = start
        self.end = end
        self.filters = filters
        self.text = text
        self.context = context
    }

    /// Whether lines behind a block's filter may pass.
    func mayPass(filter: UnsafeRawBufferPointer) -> Bool { filters.allSatisfy { Self.mayPass($0, filter: filter) } }

    /// Whether lines behind a block's filter may pass one filter on lines.
    static func mayPass(_ line: LineFilter, filter: UnsafeRawBufferPointer) -> Bool {
        let literals = line.requiredLiterals
        return literals.isEmpty
            || literals.contains { literal in
                literal.withUnsafeBytes { GramFilter.mayContain($0, filter: filter) }
            }
    }

    /// Whether a block's filter may say that no line passes.
    var isExcludable: Bool {
        filters.contains { line in
            let literals = line.requiredLiterals
            return !literals.isEmpty && literals.allSatisfy { $0.withUnsafeBytes { GramFilter.mayExclude($0) } }
        }
    }
}
