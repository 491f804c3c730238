package import MartletCore
import Wire

/// Lines on their way to the queue, by stream.
package struct LogBatch: Sendable {
    /// Streams in the order in which they first came.
    private var streams: [(labels: Labels, lines: [LokiPush.Encoder.Line])] = []
    private var index: [Labels: Int] = [:]
    /// Bytes of lines and metadata so far, and for each line what it takes beside them, so that empty lines count too.
    package private(set) var bytes = 0
    /// Lines so far.
    package private(set) var lines = 0
    /// How much of the batch its output has taken: whole targets, and payloads of the next one.
    package var progress: (targets: Int, payloads: Int) = (0, 0)

    /// Whether a part of the batch is on its way already, so that nothing may be added to it.
    package var isUnderWay: Bool { progress != (0, 0) }

    /// Empty.
    package init() {}

    /// Adds a line. One without any label has no stream, so it gets the agent's own name for one.
    package mutating func add(_ entry: LogEntry) {
        precondition(!isUnderWay, "a batch that is under way cannot grow")
        let labels = entry.labels.isEmpty ? LogBatch.nameless : entry.labels
        let line = LokiPush.Encoder.Line(timestamp: entry.timestamp, line: entry.line, metadata: entry.metadata)
        bytes += entry.line.count + entry.metadata.bytes.count + MemoryLayout<LokiPush.Encoder.Line>.stride
        lines += 1
        if let at = index[labels] {
            streams[at].lines.append(line)
        } else {
            index[labels] = streams.count
            streams.append((labels, [line]))
        }
    }

    /// Bodies of pushes (protobuf, not compressed) of at most `limit` bytes that hold all lines, each stream with the
    /// given labels added where it has none of that name; and how many lines were left out because not even one alone
    /// fits. The same batch always gives the same bodies.
    package func encoded(externalLabels: Labels, limit: Int) -> (payloads: [[UInt8]], linesLeftOut: Int) {
        let streams = streams.map { stream in
            var builder = LabelsBuilder(externalLabels)
            stream.labels.forEach { builder.setBytes($0, $1) }
            return (builder.build(), stream.lines[...])
        }
        var result: (payloads: [[UInt8]], linesLeftOut: Int) = ([], 0)
        Self.encode(streams, capacity: bytes + 256, limit: limit, into: &result)
        return result
    }

    private typealias Stream = (labels: Labels, lines: ArraySlice<LokiPush.Encoder.Line>)

    /// Encodes the streams, halving their lines until each half fits.
    private static func encode(
        _ streams: [Stream], capacity: Int, limit: Int, into result: inout (payloads: [[UInt8]], linesLeftOut: Int)
    ) {
        let count = streams.reduce(0) { $0 + $1.lines.count }
        guard count > 0 else { return }
        var encoder = LokiPush.Encoder(capacity: capacity)
        for stream in streams { encoder.stream(stream.labels, stream.lines) }
        if encoder.bytes.count <= limit { return result.payloads.append(encoder.bytes) }
        if count == 1 { return result.linesLeftOut += 1 }
        var halves: (first: [Stream], second: [Stream]) = ([], [])
        var room = count / 2
        for (labels, lines) in streams {
            let (first, second) = (lines.prefix(room), lines.dropFirst(room))
            room -= first.count
            if !first.isEmpty { halves.first.append((labels, first)) }
            if !second.isEmpty { halves.second.append((labels, second)) }
        }
        encode(halves.first, capacity: capacity / 2, limit: limit, into: &result)
        encode(halves.second, capacity: capacity / 2, limit: limit, into: &result)
    }

    private static let nameless = Labels([("job", "martlet-agent")])
}
