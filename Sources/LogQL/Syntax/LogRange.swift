/// A log expression over a window of time: `{…} | json [5m] offset 1h`.
package struct LogRange: Sendable, Hashable {
    package var log: LogExpression
    package var unwrap: Unwrap?
    /// Nanoseconds, more than 0.
    package var range: Int64
    /// Nanoseconds.
    package var offset: Int64
}
