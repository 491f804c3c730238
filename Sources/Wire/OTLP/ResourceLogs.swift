extension OTLP {
    /// The log records of one resource.
    package struct ResourceLogs: Sendable, Hashable {
        /// Where they come from.
        package var resource: Resource
        /// The log records by scope.
        package var scopeLogs: [ScopeLogs]
        /// Schema of the resource's attributes.
        package var schemaURL: ByteString

        /// Everything at its default unless given.
        package init(
            resource: Resource = .init(),
            scopeLogs: [ScopeLogs] = [],
            schemaURL: ByteString = .init()
        ) {
            self.resource = resource
            self.scopeLogs = scopeLogs
            self.schemaURL = schemaURL
        }
    }
}
