extension OTLP {
    /// The spans of one instrumentation scope.
    package struct ScopeSpans: Sendable, Hashable {
        /// What made them.
        package var scope: InstrumentationScope
        /// The spans.
        package var spans: [Span]
        /// Schema of the spans.
        package var schemaURL: ByteString

        /// Everything at its default unless given.
        package init(
            scope: InstrumentationScope = .init(),
            spans: [Span] = [],
            schemaURL: ByteString = .init()
        ) {
            self.scope = scope
            self.spans = spans
            self.schemaURL = schemaURL
        }
    }
}
