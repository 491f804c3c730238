package import Wire

/// What a search says of a trace.
package struct FoundTrace: Sendable, Hashable {
    package let id: OTLP.TraceID
    /// Unix seconds in which it has ended, as far as the search knows; not before it has.
    package let end: Int64

    /// A trace that has ended by a second.
    package init(id: OTLP.TraceID, end: Int64) {
        self.id = id
        self.end = end
    }
}
