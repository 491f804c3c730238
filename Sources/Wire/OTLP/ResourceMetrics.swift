extension OTLP {
    /// The metrics of one resource.
    package struct ResourceMetrics: Sendable, Hashable {
        /// Where they come from.
        package var resource: Resource
        /// The metrics by scope.
        package var scopeMetrics: [ScopeMetrics]
        /// Schema of the resource's attributes.
        package var schemaURL: ByteString

        /// Everything at its default unless given.
        package init(
            resource: Resource = .init(),
            scopeMetrics: [ScopeMetrics] = [],
            schemaURL: ByteString = .init()
        ) {
            self.resource = resource
            self.scopeMetrics = scopeMetrics
            self.schemaURL = schemaURL
        }
    }
}
