/// The kind of a family as the text exposition names it.
package enum HostMetricKind: String, Sendable {
    case counter
    case gauge
    case untyped
}
