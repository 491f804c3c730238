extension OTLP {
    /// The body of an export request: spans by resource. On the wire it is the same as the protocol's TracesData.
    package struct Traces: Sendable, Hashable {
        /// By resource.
        package var resourceSpans: [ResourceSpans]

        /// Everything at its default unless given.
        package init(
            resourceSpans: [ResourceSpans] = []
        ) {
            self.resourceSpans = resourceSpans
        }
        /// Number of spans.
        package var count: Int {
            resourceSpans.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
        }
    }
}
