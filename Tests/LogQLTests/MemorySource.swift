import LogQL
import MartletCore

/// Lines in memory, for tests of the engine.
struct MemorySource: LogSource {
    struct Line: Sendable {
        var seconds: Double
        var text: String
        var metadata = Labels()

        var time: Int64 { Int64(seconds * 1e9) }
    }

    var streamLines: [(labels: Labels, lines: [Line])]
    /// Whether lines are left out that hints say cannot pass.
    var obeysHints = true
    /// Parts that streams are dealt to.
    var partCount = 1

    init(_ streams: [([(String, String)], [Line])]) {
        streamLines = streams.map { (Labels($0.0), $0.1.sorted { $0.time < $1.time }) }
    }

    func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        for (id, stream) in streamLines.enumerated()
        where selection.passes(stream.labels) {
            let kept = stream.lines.filter { line in
                line.time >= selection.start && line.time < selection.end
                    && selection.lineFilters.allSatisfy { filter in Bytes.of(line.text) { filter.passes($0) } }
                    && (!obeysHints
                        || selection.hints.allSatisfy { Self.allows($0, line, stream.labels) }
                            && Self.allow(selection.labelHints, line, stream.labels))
            }
            guard !kept.isEmpty else { continue }
            let slab = kept.flatMap { Array($0.text.utf8) }
            var ends: [UInt32] = []
            for line in kept { ends.append((ends.last ?? 0) + UInt32(line.text.utf8.count)) }
            let sets = kept.flatMap { $0.metadata.bytes }
            var setEnds: [UInt32] = []
            for line in kept { setEnds.append((setEnds.last ?? 0) + UInt32(line.metadata.bytes.count)) }
            let ids = kept.indices.map { UInt32($0) }
            let times = kept.map(\.time)
            var failure: LogQueryError?
            var next = LogVisit.more
            times.withUnsafeBufferPointer { times in
                slab.withUnsafeBytes { slab in
                    ends.withUnsafeBufferPointer { ends in
                        sets.withUnsafeBytes { sets in
                            setEnds.withUnsafeBufferPointer { setEnds in
                                ids.withUnsafeBufferPointer { ids in
                                    do throws(LogQueryError) {
                                        next = try visit(
                                            LogBatch(
                                                streamID: UInt64(id), labels: stream.labels, timestamps: times,
                                                lines: slab,
                                                lineEnds: ends, metadataSets: sets, metadataEnds: setEnds,
                                                metadataIDs: ids,
                                                rows: ids))
                                    } catch {
                                        failure = error
                                    }
                                }
                            }
                        }
                    }
                }
            }
            if let failure { throw failure }
            if next == .enough { return }
        }
    }

    private static func allow(_ hints: [LabelHint], _ line: Line, _ labels: Labels) -> Bool {
        guard var check = LabelHintCheck(hints, stream: labels) else { return true }
        return line.metadata.bytes.withUnsafeBytes { check.mayPass($0) }
    }

    private static func allows(_ hint: FieldHint, _ line: Line, _ labels: Labels) -> Bool {
        labels[hint.name] != nil || line.metadata[hint.name] != nil
            || Bytes.of(line.text) { hint.filter.passes($0) }
    }

    func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        (0..<partCount).map { part in
            var reader = self
            reader.streamLines = streamLines.enumerated().filter { $0.offset % partCount == part }.map(\.element)
            return reader
        }
    }

    func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        guard let range = selection.range else { return [] }
        var found: [LogStreamSummary] = []
        for stream in streamLines where selection.passes(stream.labels) {
            guard let first = stream.lines.first, let last = stream.lines.last,
                first.time <= range.upperBound, last.time >= range.lowerBound
            else { continue }
            let bytes = stream.lines.reduce(0) { $0 + $1.text.utf8.count + $1.metadata.bytes.count }
            let extent = LogExtent(times: first.time...last.time, lines: stream.lines.count, bytes: bytes)
            found.append(LogStreamSummary(labels: stream.labels, range: range, extents: [extent]))
        }
        return found
    }
}

extension MemorySource {
    /// The value of an instant query at `seconds`, as `{labels}=value`, sorted.
    func instant(_ query: String, at seconds: Double = 60) throws -> [String] {
        let time = Int64(seconds * 1e9)
        let matrix = try LogEngine(self).matrix(
            QueryExpression(parsing: query), start: time, end: time, step: 1, context: LogQueryContext())
        return (0..<matrix.count).map { "\(matrix.labels[$0])=\(FloatText.string(matrix.columns[$0][0]))" }
    }

    /// Lines of a log query over the first minute, newest first over all streams, with all labels.
    func logs(_ query: String, limit: Int = 100, direction: LogSelection.Direction = .backward) throws -> [String] {
        guard case .log(let expression) = try QueryExpression(parsing: query) else { return ["not a log query"] }
        let streams = try LogEngine(self).logs(
            expression, start: 0, end: 60_000_000_001, limit: limit, direction: direction, context: LogQueryContext()
        ).merged().streams
        return streams.flatMap { stream in
            stream.entries.map {
                "\(stream.labels) \($0.timestamp / 1_000_000_000) \(String(decoding: $0.line, as: UTF8.self))"
            }
        }
    }
}
