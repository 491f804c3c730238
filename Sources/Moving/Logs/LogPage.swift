package import MartletCore
import Wire

/// The lines of one answer of Loki's `query_range`.
package struct LogPage: Sendable {
    /// A line of a stream.
    package struct Line: Sendable {
        /// Index into `streams`.
        package let stream: Int
        /// Unix nanoseconds.
        package let timestamp: Int64
        /// The text.
        package let text: [UInt8]
        /// Structured metadata.
        package let metadata: Labels
    }

    /// The labels of the streams.
    package private(set) var streams: [Labels] = []
    /// In the order of the answer.
    package private(set) var lines: [Line] = []
    /// Whether structured metadata was told from the labels of the streams; Loki before 3.0 mixes them.
    package private(set) var isCategorized = false

    package init() {}

    /// Reads an answer with `encodingFlags: categorize-labels`, or one without.
    package init(_ body: [UInt8]) throws(JSONError) {
        let read = body.withUnsafeBytes { buffer -> Result<LogPage, JSONError> in
            do throws(JSONError) {
                var page = LogPage()
                var reader = JSONReader(buffer)
                try page.read(&reader)
                try reader.end()
                return .success(page)
            } catch {
                return .failure(error)
            }
        }
        self = try read.get()
    }

    /// The latest time of a line; nil when there is none.
    package var last: Int64? { lines.lazy.map(\.timestamp).max() }

    /// Leaves out the lines from `end` (Unix nanoseconds) on.
    package mutating func cut(before end: Int64) { lines.removeAll { $0.timestamp >= end } }

    /// Bodies of push requests, protobuf before compression, of at most `limit` bytes unless a line is longer. The lines of a
    /// stream are in the order of their times.
    package func pushes(limit: Int) -> [[UInt8]] {
        var byStream: [[Line]] = Array(repeating: [], count: streams.count)
        for line in lines { byStream[line.stream].append(line) }
        var bodies: [[UInt8]] = []
        var encoder = LokiPush.Encoder(capacity: limit)
        var size = 0
        for (stream, var all) in byStream.enumerated() where !all.isEmpty {
            all.sort { $0.timestamp < $1.timestamp }
            var taken: [LokiPush.Encoder.Line] = []
            for line in all {
                let cost = line.text.count + line.metadata.bytes.count + 32
                if size + cost > limit, size > 0 {
                    if !taken.isEmpty { encoder.stream(streams[stream], taken) }
                    bodies.append(encoder.bytes)
                    encoder = LokiPush.Encoder(capacity: limit)
                    taken.removeAll()
                    size = 0
                }
                taken.append(.init(timestamp: line.timestamp, line: line.text, metadata: line.metadata))
                size += cost
            }
            encoder.stream(streams[stream], taken)
            size += streams[stream].bytes.count
        }
        if size > 0 { bodies.append(encoder.bytes) }
        return bodies
    }

    // MARK: Reading

    private mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while try reader.nextKey() {
            guard reader.isKey("data") else {
                try reader.skipValue()
                continue
            }
            try reader.beginObject()
            while try reader.nextKey() {
                if reader.isKey("encodingFlags") {
                    try reader.beginArray()
                    while try reader.nextElement() {
                        if try reader.string() == "categorize-labels" { isCategorized = true }
                    }
                } else if reader.isKey("result") {
                    try reader.beginArray()
                    while try reader.nextElement() { try readStream(&reader) }
                } else {
                    try reader.skipValue()
                }
            }
        }
    }

    private mutating func readStream(_ reader: inout JSONReader) throws(JSONError) {
        let stream = streams.count
        streams.append(Labels())
        try reader.beginObject()
        while try reader.nextKey() {
            if reader.isKey("stream") {
                streams[stream] = try Self.labels(&reader)
            } else if reader.isKey("values") {
                try reader.beginArray()
                while try reader.nextElement() { try readLine(&reader, stream) }
            } else {
                try reader.skipValue()
            }
        }
    }

    private mutating func readLine(_ reader: inout JSONReader, _ stream: Int) throws(JSONError) {
        try reader.beginArray()
        guard try reader.nextElement() else { throw reader.fail("a line without a time") }
        let timestamp = try reader.int64(quoted: true)
        guard try reader.nextElement() else { throw reader.fail("a line without text") }
        let text = try reader.bytes()
        var metadata = Labels()
        while try reader.nextElement() {
            try reader.beginObject()
            while try reader.nextKey() {
                if reader.isKey("structuredMetadata") {
                    metadata = try Self.labels(&reader)
                } else {
                    // What a query has parsed out of the line is not stored.
                    try reader.skipValue()
                }
            }
        }
        lines.append(Line(stream: stream, timestamp: timestamp, text: text, metadata: metadata))
    }

    /// Reads an object of texts: labels in answers of Loki and Prometheus.
    package static func labels(_ reader: inout JSONReader) throws(JSONError) -> Labels {
        var pairs: [(String, String)] = []
        try reader.beginObject()
        while try reader.nextKey() {
            let name = reader.key
            pairs.append((name, try reader.string()))
        }
        return Labels(pairs)
    }
}
