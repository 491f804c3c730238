/// Where the engine takes its spans from.
package protocol TraceSource: Sendable {
    /// What is stored at this moment and may overlap `range`; it does not change while it is held.
    func snapshot(overlapping range: TimeRange) throws -> any TraceSnapshot
}
