extension OTLP {
    /// The body of an export request: log records by resource. On the wire it is the same as the protocol's LogsData.
    package struct Logs: Sendable, Hashable {
        /// By resource.
        package var resourceLogs: [ResourceLogs]

        /// Everything at its default unless given.
        package init(
            resourceLogs: [ResourceLogs] = []
        ) {
            self.resourceLogs = resourceLogs
        }
        /// Number of log records.
        package var count: Int {
            resourceLogs.reduce(0) { $0 + $1.scopeLogs.reduce(0) { $0 + $1.logRecords.count } }
        }
    }
}
