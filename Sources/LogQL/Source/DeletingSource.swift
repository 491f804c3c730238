/// A source without the lines that were deleted: they are gone from answers at once, whatever is still on the disk.
package struct DeletingSource: LogSource {
    let base: any LogSource
    let deletions: [LogDeletion]

    package var isRemote: Bool { base.isRemote }

    /// `base` without the lines of `deletions`.
    package init(_ base: any LogSource, without deletions: [LogDeletion]) {
        self.base = base
        self.deletions = deletions
    }

    package func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        try DeletingReader(base, without: deletions(near: selection)).entries(selection, context: context, visit)
    }

    private func deletions(near selection: LogSelection) -> [LogDeletion] {
        deletions.filter { $0.start < selection.end && $0.end >= selection.start }
    }

    package func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        let near = deletions(near: selection)
        guard !near.isEmpty else { return try base.parts(of: selection, context: context) }
        var wish = selection
        if DeletingReader.needsLines(near) { wish.text = .lines }
        return try base.parts(of: wish, context: context).map { DeletingReader($0, without: near) }
    }
}
