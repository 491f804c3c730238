/// One span that a search found.
package struct FoundSpan: Sendable {
    /// The span's id.
    package let id: UInt64
    /// Its name.
    package let name: [UInt8]
    /// Unix nanoseconds.
    package let start: UInt64
    /// Nanoseconds.
    package let duration: Int64
    /// The fields that the query names, as far as the span has them.
    package let attributes: [(key: String, value: Value)]
}
