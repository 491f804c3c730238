/// Counts of what a tailer has done since it started.
package struct TailTotals: Sendable, Hashable {
    /// Bytes read.
    package var bytes: UInt64 = 0
    /// Lines completed.
    package var lines: UInt64 = 0
    /// Lines cut at the limit.
    package var linesCut: UInt64 = 0
    /// Files found truncated.
    package var truncations: UInt64 = 0

    /// Zero.
    package init() {}
}
