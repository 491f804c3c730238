import LogQL
import MartletCore

/// Finding what streams have: some parts of generations in each hold of the state, the directories of files outside of it.
///
/// A generation is looked through part by part while lines come and heads are sealed (`TenantLogs.sealHeads`). What it had when
/// the query began is found once: a part is looked at in one hold, and an entry never leaves its part but with the whole
/// generation, for a file. Where a generation goes before it is looked through, or a stream's number may have become another
/// stream's, the look begins anew.
extension TenantLogs {
    /// A stream that a query wants, with the number that it had when the query began.
    struct Wanted {
        let number: Int
        let stream: StreamRegistry.Stream
    }

    /// What a look has found.
    private struct Look {
        let range: ClosedRange<Int64>
        /// By number, the place among the streams that are wanted.
        var places: [Int?]
        /// Of those that are wanted.
        var pieces: [[LogPiece]]
        let forgettings: Int
    }

    /// What is looked at in one hold of the state.
    private static let partsAtOnce = 16 << 10
    private static let piecesAtOnce = 4 << 10
    /// Where so many times as many parts are there as streams are wanted, each stream is looked up.
    private static let partsPerLookUp = 16

    /// What a stream takes in a query until its lines are read, about: its places in tables, its pieces, and their span.
    static let wantedBytes = 400

    /// The streams that pass, which hold `wantedBytes` each. Matchers are regular expressions of strangers: they run outside the
    /// lock.
    func wanted(_ context: LogQueryContext, _ passes: (Labels) -> Bool) throws(LogQueryError) -> [Wanted] {
        let streams = state.withLock { $0.registry.streams }
        var wanted: [Wanted] = []
        for (number, stream) in streams.enumerated() {
            if number % 256 == 0 { try context.check() }
            if stream.isKnown, passes(stream.labels) { wanted.append(Wanted(number: number, stream: stream)) }
        }
        try context.hold(wanted.count * Self.wantedBytes)
        return wanted
    }

    /// The blocks and heads of streams that overlap a range of time. Directories of segment files that are not in memory are read
    /// where the index does not rule out that they have any.
    func pieces(
        of wanted: [Wanted], _ range: ClosedRange<Int64>, _ context: LogQueryContext
    ) throws(LogQueryError) -> [(StreamRegistry.Stream, [LogPiece])] {
        guard !wanted.isEmpty else { return [] }
        var look: (Look, [FiledStreams])?
        repeat {
            try context.check()
            look = lookThroughMemory(wanted, range)
        } while look == nil
        guard var (look, files) = look else { return [] }
        files = files.filter { filed in filed.streams.contains { look.places[Int($0)] != nil } }
        for filed in holders(of: wanted.map(\.stream), range, among: files) {
            try context.check()
            // What is not shared with others is the query's own.
            let isOwn = filed.file.directory.inMemory == nil
            for (number, part) in zip(filed.streams, try Self.parts(of: filed.file)) {
                guard let place = look.places[Int(number)] else { continue }
                for block in part.blocks where block.overlaps(range) {
                    if isOwn { try context.hold(SegmentDirectory.blockBytes) }
                    look.pieces[place].append(.block(block))
                }
            }
        }
        return zip(wanted, look.pieces).compactMap { $1.isEmpty ? nil : ($0.stream, $1) }
    }

    /// What memory has, and the files that may have more; nil when the look must begin anew.
    private func lookThroughMemory(_ wanted: [Wanted], _ range: ClosedRange<Int64>) -> (Look, [FiledStreams])? {
        var (look, files, generations) = state.withLock { state in
            var look = Look(
                range: range, places: Array(repeating: nil, count: state.registry.streams.count),
                pieces: Array(repeating: [], count: wanted.count), forgettings: state.registry.forgettings)
            for (place, wanted) in wanted.enumerated()
            // The number may have gone to another stream meanwhile.
            where state.registry.streams[wanted.number].id == wanted.stream.id { look.places[wanted.number] = place }
            let files = state.generations.compactMap { generation -> FiledStreams? in
                guard let file = generation.file, file.overlaps(range) else { return nil }
                return FiledStreams(file: file, streams: generation.fileStreams)
            }
            return (look, files, state.generations.filter { $0.file == nil }.map(\.sealing))
        }
        // The oldest first: it is the next to go.
        for generation in generations {
            var next: Int? = 0
            while let start = next {
                let isThere = state.withLock { state in
                    guard state.registry.forgettings == look.forgettings,
                        let place = state.generations.firstIndex(where: { $0.sealing === generation })
                    else { return false }
                    next = Self.look(&look, at: wanted, in: state.generations[place], from: start)
                    return true
                }
                guard isThere else { return nil }
            }
        }
        return (look, files)
    }

    /// Looks at some parts from one on; the next part, nil behind the last.
    private static func look(
        _ look: inout Look, at wanted: [Wanted], in generation: Generation, from start: Int
    ) -> Int? {
        var found = 0
        func add(_ part: Int, to place: Int) {
            generation.pieces(at: part, look.range) {
                look.pieces[place].append($0)
                found += 1
            }
        }
        // Settled with the first parts: a generation grows while it is looked through.
        guard start == 0, generation.parts.count > partsPerLookUp * wanted.count else {
            var part = start
            while part < generation.parts.count {
                guard part - start < partsAtOnce, found < piecesAtOnce else { return part }
                let stream = generation.parts[part].stream
                if stream < look.places.count, let place = look.places[stream] { add(part, to: place) }
                part += 1
            }
            return nil
        }
        for (place, wanted) in wanted.enumerated() where look.places[wanted.number] != nil {
            if let part = generation.place(of: wanted.number) { add(part, to: place) }
        }
        return nil
    }
}
