package import MartletCore
import Wire

/// Lines on their way to the queue, by stream.
package struct LogBatch: Sendable {
    /// Streams in the order in which they first came.
    private var streams: [(labels: Labels, lines: [LokiPush.Encoder.Line])] = []
    private var index: [Labels: Int] = [:]
    /// Bytes of lines and metadata so far.
    package private(set) var bytes = 0
    /// Lines so far.
    package private(set) var lines = 0

    /// Empty.
    package init() {}

    /// Adds a line. One without any label has no stream, so it gets the agent's own name for one.
    package mutating func add(_ entry: LogEntry) {
        let labels = entry.labels.isEmpty ? LogBatch.nameless : entry.labels
        let line = LokiPush.Encoder.Line(timestamp: entry.timestamp, line: entry.line, metadata: entry.metadata)
        bytes += entry.line.count + entry.metadata.bytes.count
        lines += 1
        if let at = index[labels] {
            streams[at].lines.append(line)
        } else {
            index[labels] = streams.count
            streams.append((labels, [line]))
        }
    }

    /// The body of a push (protobuf, not compressed), each stream with the given labels added where it has none of that
    /// name.
    package func encoded(externalLabels: Labels) -> [UInt8] {
        var encoder = LokiPush.Encoder(capacity: bytes + 256)
        for stream in streams {
            if externalLabels.isEmpty {
                encoder.stream(stream.labels, stream.lines)
            } else {
                var builder = LabelsBuilder(externalLabels)
                stream.labels.forEach { builder.setBytes($0, $1) }
                encoder.stream(builder.build(), stream.lines)
            }
        }
        return encoder.bytes
    }

    private static let nameless = Labels([("job", "martlet-agent")])
}
