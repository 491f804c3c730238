extension OTLP {
    /// The spans of one resource.
    package struct ResourceSpans: Sendable, Hashable {
        /// Where they come from.
        package var resource: Resource
        /// The spans by scope.
        package var scopeSpans: [ScopeSpans]
        /// Schema of the resource's attributes.
        package var schemaURL: ByteString

        /// Everything at its default unless given.
        package init(
            resource: Resource = .init(),
            scopeSpans: [ScopeSpans] = [],
            schemaURL: ByteString = .init()
        ) {
            self.resource = resource
            self.scopeSpans = scopeSpans
            self.schemaURL = schemaURL
        }
    }
}
