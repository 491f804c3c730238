package import MartletCore

/// A log query over lines as they arrive, one stream after the other.
package struct LogTail {
    private let expression: LogExpression
    private var pipeline: LinePipeline

    /// Makes the query ready; throws a parse error when a stage cannot be.
    package init(_ expression: LogExpression) throws(LogQueryError) {
        self.expression = expression
        pipeline = try LinePipeline(expression.stages)
    }

    /// Begins a stream; false when the query is not about it.
    package mutating func begin(stream labels: Labels) -> Bool {
        guard expression.matchers.allSatisfy({ $0.matches(labels) }) else { return false }
        pipeline.begin(stream: labels)
        return true
    }

    /// A line of the stream that began last, with its labels as the query left them; nil when it does not pass.
    package mutating func process(
        timestamp: Int64, line: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer
    ) -> LogStreams.Stream? {
        guard pipeline.pushedFilters.allSatisfy({ $0.passes(line) }),
            pipeline.process(line, metadata: metadata, timestamp: timestamp)
        else { return nil }
        let entry = LogStreams.Entry(
            timestamp: timestamp, line: pipeline.withLine(line) { [UInt8]($0) },
            metadata: pipeline.labels.canonical(.metadata), parsed: pipeline.labels.canonical(.parsed))
        return LogStreams.Stream(labels: pipeline.labels.canonical(.stream), entries: [entry])
    }
}
