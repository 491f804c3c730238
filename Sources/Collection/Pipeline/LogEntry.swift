package import MartletCore

/// A line on its way to the log server.
package struct LogEntry: Sendable {
    /// Its stream.
    package var labels: Labels
    /// Unix time in nanoseconds.
    package var timestamp: Int64
    /// The line without its line feed; any bytes.
    package var line: [UInt8]
    /// Structured metadata: pairs that do not make a stream.
    package var metadata: Labels

    /// All parts.
    package init(labels: Labels, timestamp: Int64, line: [UInt8], metadata: Labels = Labels()) {
        self.labels = labels
        self.timestamp = timestamp
        self.line = line
        self.metadata = metadata
    }
}
