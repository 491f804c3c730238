import MartletCore

/// What the lines of one file go through: its labels and its own copy of the job's pipeline.
struct FileProcessor: LineProcessor {
    private let targetLabels: Labels
    private let now: @Sendable () -> Int64
    private var pipeline: Pipeline
    private var streamLabels: Labels
    private var start: [String: String]

    /// `targetLabels` are the target's after relabelling; those that begin with `__` go no further.
    init(path: String, targetLabels: Labels, pipeline: Pipeline, now: @escaping @Sendable () -> Int64) {
        self.targetLabels = targetLabels
        self.pipeline = pipeline
        self.now = now
        streamLabels = StreamLabels.public(targetLabels, filename: path)
        start = StreamLabels.dictionary(streamLabels)
    }

    var heldSince: UInt64? { pipeline.heldSince }

    mutating func process(_ line: [UInt8], at offset: UInt64, into output: inout [LogEntry]) {
        if pipeline.isEmpty {
            output.append(LogEntry(labels: streamLabels, timestamp: now(), line: line))
            return
        }
        var entries: [PipelineEntry] = []
        pipeline.process(
            PipelineEntry(labels: start, timestamp: now(), line: line, offset: offset), into: &entries)
        emit(entries, into: &output)
    }

    mutating func tick(into output: inout [LogEntry]) {
        if pipeline.isEmpty { return }
        var entries: [PipelineEntry] = []
        pipeline.tick(now: now(), into: &entries)
        emit(entries, into: &output)
        DroppedLines.count(pipeline.takeDropped())
    }

    mutating func finish(into output: inout [LogEntry]) {
        if pipeline.isEmpty { return }
        var entries: [PipelineEntry] = []
        pipeline.finish(into: &entries)
        emit(entries, into: &output)
    }

    mutating func renamed(to path: String) {
        streamLabels = StreamLabels.public(targetLabels, filename: path)
        start = StreamLabels.dictionary(streamLabels)
    }

    private func emit(_ entries: [PipelineEntry], into output: inout [LogEntry]) {
        for entry in entries { output.append(StreamLabels.entry(entry)) }
    }
}
