package import MartletCore

/// The lines that a log query found, by stream.
package struct LogStreams: Sendable {
    /// A line with the labels that are its own.
    package struct Entry: Sendable, Hashable {
        /// Nanoseconds.
        package var timestamp: Int64
        /// The line as the pipeline left it.
        package var line: [UInt8]
        /// Structured metadata.
        package var metadata: Labels
        /// Labels made by the pipeline.
        package var parsed: Labels
    }

    /// A stream, by the labels that the pipeline left of it.
    package struct Stream: Sendable, Hashable {
        /// Stream labels only.
        package var labels: Labels
        /// In the order asked for.
        package var entries: [Entry]
    }

    /// Sorted by labels.
    package var streams: [Stream]

    /// Lines in all streams.
    package var entryCount: Int { streams.reduce(0) { $0 + $1.entries.count } }

    /// Bytes of the lines and of what stands beside them.
    package var byteCount: Int {
        streams.reduce(0) { sum, stream in
            stream.entries.reduce(sum + stream.labels.bytes.count) {
                $0 + $1.line.count + $1.metadata.bytes.count + $1.parsed.bytes.count + 64
            }
        }
    }

    /// The same lines with metadata and parsed labels merged into the streams' labels: one stored stream can come back as
    /// many.
    package func merged() -> LogStreams {
        var places: [Labels: Int] = [:]
        var result: [Stream] = []
        for stream in streams {
            for entry in stream.entries {
                var builder = LabelsBuilder(stream.labels)
                for labels in [entry.metadata, entry.parsed] {
                    labels.forEach { name, value in builder.setBytes(name, value) }
                }
                let labels = builder.build()
                let plain = Entry(timestamp: entry.timestamp, line: entry.line, metadata: Labels(), parsed: Labels())
                if let place = places[labels] {
                    result[place].entries.append(plain)
                } else {
                    places[labels] = result.count
                    result.append(Stream(labels: labels, entries: [plain]))
                }
            }
        }
        return LogStreams(streams: result.sorted { $0.labels < $1.labels })
    }
}
