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

        /// A line with its labels.
        package init(timestamp: Int64, line: [UInt8], metadata: Labels, parsed: Labels) {
            self.timestamp = timestamp
            self.line = line
            self.metadata = metadata
            self.parsed = parsed
        }
    }

    /// A stream, by the labels that the pipeline left of it.
    package struct Stream: Sendable, Hashable {
        /// Stream labels only.
        package var labels: Labels
        /// In the order asked for.
        package var entries: [Entry]

        /// A stream of these lines.
        package init(labels: Labels, entries: [Entry]) {
            self.labels = labels
            self.entries = entries
        }
    }

    /// Sorted by labels.
    package var streams: [Stream]

    /// Streams in this order.
    package init(streams: [Stream]) { self.streams = streams }

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
                let labels = Self.merged([stream.labels, entry.metadata, entry.parsed])
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

    /// All labels of several sets, of which no two have a name in common. Empty values stay.
    package static func merged(_ sets: [Labels]) -> Labels {
        let filled = sets.filter { !$0.isEmpty }
        guard filled.count > 1 else { return filled.first ?? Labels() }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(filled.reduce(0) { $0 + $1.bytes.count })
        for set in filled { bytes += set.bytes }
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(bytes.count)
        bytes.withUnsafeBytes { bytes in
            var pairs: [(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)] = []
            var walk = LabelWalk(bytes)
            while let pair = walk.next() { pairs.append(pair) }
            pairs.sort { Bytes.compare($0.name, $1.name) < 0 }
            for pair in pairs {
                writer.uvarintBytes(pair.name)
                writer.uvarintBytes(pair.value)
            }
        }
        return Labels(canonicalBytes: writer.bytes)
    }
}
