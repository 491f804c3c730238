package import MartletCore

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
        /// What a query has parsed out of the line.
        package let parsed: Labels
    }

    /// The labels of the streams.
    package private(set) var streams: [Labels] = []
    /// In the order of the answer.
    package private(set) var lines: [Line] = []
    /// Whether structured metadata was told from the labels of the streams; Loki before 3.0 mixes them.
    package private(set) var isCategorized = false

    /// A page without lines.
    package init() {}

    /// Reads an answer with `encodingFlags: categorize-labels`, or one without.
    package init(_ body: [UInt8]) throws(JSONError) {
        self = try Bytes.of(body) { (buffer) throws(JSONError) in
            var page = LogPage()
            var reader = JSONReader(buffer)
            try page.read(&reader)
            try reader.end()
            return page
        }
    }

    /// The latest time of a line; nil when there is none.
    package var last: Int64? { lines.lazy.map(\.timestamp).max() }

    /// Leaves out the lines from `end` (Unix nanoseconds) on.
    package mutating func cut(before end: Int64) { lines.removeAll { $0.timestamp >= end } }

    /// The same lines, with their metadata and what was parsed out of them among the labels of their streams: as an answer
    /// without `categorize-labels` has them.
    package func merged() -> LogPage {
        var page = LogPage()
        var places: [Labels: Int] = [:]
        for line in lines {
            var labels = streams[line.stream]
            if !line.metadata.isEmpty || !line.parsed.isEmpty {
                var builder = LabelsBuilder(labels)
                for pair in line.metadata.pairs + line.parsed.pairs { builder.set(pair.name, pair.value) }
                labels = builder.build()
            }
            let place = places[labels] ?? page.streams.count
            if place == page.streams.count {
                page.streams.append(labels)
                places[labels] = place
            }
            page.lines.append(
                Line(stream: place, timestamp: line.timestamp, text: line.text, metadata: Labels(), parsed: Labels()))
        }
        return page
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
                    try readStreams(&reader)
                } else {
                    try reader.skipValue()
                }
            }
        }
    }

    /// Adds the lines of an array of streams.
    package mutating func readStreams(_ reader: inout JSONReader) throws(JSONError) {
        try reader.beginArray()
        while try reader.nextElement() { try readStream(&reader) }
    }

    private mutating func readStream(_ reader: inout JSONReader) throws(JSONError) {
        let stream = streams.count
        streams.append(Labels())
        try reader.beginObject()
        while try reader.nextKey() {
            if reader.isKey("stream") {
                streams[stream] = try reader.labels()
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
        var parsed = Labels()
        while try reader.nextElement() {
            try reader.beginObject()
            while try reader.nextKey() {
                if reader.isKey("structuredMetadata") {
                    metadata = try reader.labels()
                } else if reader.isKey("parsed") {
                    parsed = try reader.labels()
                } else {
                    try reader.skipValue()
                }
            }
        }
        lines.append(Line(stream: stream, timestamp: timestamp, text: text, metadata: metadata, parsed: parsed))
    }
}
