import MartletCore

/// A line while it goes through the stages.
package struct PipelineEntry: Sendable {
    /// Labels so far; those that begin with `__` do not leave the pipeline.
    package var labels: [String: String]
    /// Unix time in nanoseconds; the reading time until a timestamp stage sets it.
    package var timestamp: Int64
    /// The line.
    package var line: [UInt8]
    /// What stages have extracted, by name; begins with the labels.
    package var extracted: [String: String]
    /// Structured metadata so far.
    package var metadata: [String: String] = [:]
    /// Unix time in nanoseconds at which it was read.
    package let readAt: Int64
    /// Where in its file the line began.
    package let offset: UInt64

    /// A line as it enters; `timestamp` is the time of reading.
    package init(labels: [String: String], timestamp: Int64, line: [UInt8], offset: UInt64) {
        self.labels = labels
        self.timestamp = timestamp
        readAt = timestamp
        self.line = line
        self.offset = offset
        extracted = labels
    }

    /// The text a stage works on: the extracted value `source`, or the line when no source is named.
    func text(of source: String?) -> String? {
        guard let source else { return String(decoding: line, as: UTF8.self) }
        return extracted[source]
    }
}
