/// One trace that a search found.
package struct FoundTrace: Sendable {
    /// The trace's id.
    package let id: (high: UInt64, low: UInt64)
    /// `service.name` of the root's resource; nil when the root has not arrived, or has none.
    package let rootServiceName: [UInt8]?
    /// The root's name; nil when the root has not arrived.
    package let rootName: [UInt8]?
    /// First start of all its spans, Unix nanoseconds.
    package let start: UInt64
    /// From the first start to the last end, nanoseconds.
    package let duration: UInt64
    /// What the query selected of it.
    package let spanSets: [FoundSpanSet]
    /// For each service the numbers of spans and of spans with status error, ordered by name.
    package let services: [(name: [UInt8], spans: Int, errors: Int)]
}
