/// What a condition is about: which paths may stand without a prefix, and which with one.
package enum OTTLContext: Sendable, Hashable {
    /// A span.
    case span
    /// An event of a span.
    case spanEvent
}
