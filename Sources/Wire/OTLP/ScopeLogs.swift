extension OTLP {
    /// The log records of one instrumentation scope.
    package struct ScopeLogs: Sendable, Hashable {
        /// What made them.
        package var scope: InstrumentationScope
        /// The log records.
        package var logRecords: [LogRecord]
        /// Schema of the log records.
        package var schemaURL: ByteString

        /// Everything at its default unless given.
        package init(
            scope: InstrumentationScope = .init(),
            logRecords: [LogRecord] = [],
            schemaURL: ByteString = .init()
        ) {
            self.scope = scope
            self.logRecords = logRecords
            self.schemaURL = schemaURL
        }
    }
}
