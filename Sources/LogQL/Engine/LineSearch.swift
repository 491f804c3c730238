/// Looks for the first lines of a selection in its direction, as often as it is asked: what is read, and what is done with a line,
/// is planned once.
struct LineSearch {
    /// Used by one thread at a time.
    private final class Part: @unchecked Sendable {
        // Sendable holds because `ConcurrentParts` gives each part to one thread and waits for all of them.
        let readers: [any LogReader]
        var gathering: LineGathering

        init(_ readers: [any LogReader], _ gathering: LineGathering) {
            self.readers = readers
            self.gathering = gathering
        }
    }

    private let parts: [Part]
    private let context: LogQueryContext

    /// Plans for one search, or for several in narrower times than those of `selection`.
    init(
        _ expression: LogExpression, _ selection: LogSelection, in source: any LogSource, isRepeated: Bool = false,
        paging: LineGathering.Paging? = nil, context: LogQueryContext
    ) throws(LogQueryError) {
        self.context = context
        // Where every line passes, the first ones are enough: there is nothing to share.
        let isShared = !expression.stages.isEmpty
        let readers: [any LogReader] =
            isShared || isRepeated ? try source.parts(of: selection, context: context) : [source]
        var parts: [Part] = []
        for group in isShared ? readers.map({ [$0] }) : [readers] {
            let gathering = try LineGathering(
                expression, selection, limit: 0, bound: SharedBound(isBackward: selection.direction == .backward),
                paging: paging, context: context)
            parts.append(Part(group, gathering))
        }
        self.parts = parts
    }

    /// The first lines of the selection, at most `limit`.
    func first(_ limit: Int, of selection: LogSelection) throws(LogQueryError) -> [NewestLines.Entry] {
        guard !parts.isEmpty else { return [] }
        let bound = SharedBound(isBackward: selection.direction == .backward)
        let found = try ConcurrentParts.map(parts, context) { (part) throws(LogQueryError) -> NewestLines in
            part.gathering.restart(selection, limit: limit, bound: bound)
            for reader in part.readers { try part.gathering.gather(reader) }
            return part.gathering.newest
        }
        return NewestLines(joining: found, context).bestFirst
    }
}
