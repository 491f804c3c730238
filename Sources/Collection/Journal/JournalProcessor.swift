import MartletCore
package import Service

/// From an entry of the journal to a line of a stream.
package struct JournalProcessor: Sendable {
    private let target: LogJob.JournalTarget
    private let relabel: [RelabelRule]
    private var pipeline: Pipeline

    /// A job's journal target with the job's relabelling and pipeline.
    package init(target: LogJob.JournalTarget, relabel: [RelabelRule], pipeline: Pipeline) {
        self.target = target
        self.relabel = relabel
        self.pipeline = pipeline
    }

    /// True while a stage holds lines back.
    package var isHolding: Bool { pipeline.heldSince != nil }

    /// Adds the entry's line to `output`, unless relabelling drops it or it has no message.
    package mutating func process(_ entry: JournalEntry, into output: inout [LogEntry]) {
        if entry.message.isEmpty, !target.asJSON { return }
        guard let labels = labels(of: entry) else { return }
        let line = target.asJSON ? JournalProcessor.json(entry) : entry.message
        let visible = StreamLabels.public(labels)
        if pipeline.isEmpty {
            output.append(LogEntry(labels: visible, timestamp: entry.timestamp, line: line))
            return
        }
        var entries: [PipelineEntry] = []
        pipeline.process(
            PipelineEntry(
                labels: StreamLabels.dictionary(visible), timestamp: entry.timestamp, line: line, offset: 0),
            into: &entries)
        for entry in entries { output.append(StreamLabels.entry(entry)) }
    }

    /// Lets out what stages have held back for too long.
    package mutating func tick(now: Int64, into output: inout [LogEntry]) {
        if pipeline.isEmpty { return }
        var entries: [PipelineEntry] = []
        pipeline.tick(now: now, into: &entries)
        for entry in entries { output.append(StreamLabels.entry(entry)) }
        DroppedLines.count(pipeline.takeDropped())
    }

    private func labels(of entry: JournalEntry) -> Labels? {
        var builder = LabelsBuilder(target.labels)
        for (name, value) in JournalField.labels(entry.fields) { builder.set(name, value) }
        return RelabelRule.apply(relabel, to: builder.build())
    }

    private static func json(_ entry: JournalEntry) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        var fields = entry.fields
        fields["MESSAGE"] = nil
        var hasMessage = entry.message.isEmpty
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            if !hasMessage, name > "MESSAGE" {
                json.key("MESSAGE")
                json.string(entry.message)
                hasMessage = true
            }
            json.key(name)
            json.string(value)
        }
        if !hasMessage {
            json.key("MESSAGE")
            json.string(entry.message)
        }
        json.endObject()
        return json.bytes
    }
}
