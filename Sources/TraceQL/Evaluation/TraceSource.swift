/// Where the engine takes its spans from.
package protocol TraceSource: Sendable {
    /// What is stored at this moment and may overlap `range`; it does not change while it is held.
    func snapshot(overlapping range: TimeRange) throws -> any TraceSnapshot
}

extension TraceSource {
    /// Runs `body` on a snapshot; again on another one when a table of it turned out to be damaged, which later snapshots
    /// leave out. Throws what the snapshot says of a table that could not be had.
    func withSnapshot<Result>(
        overlapping range: TimeRange, _ body: (any TraceSnapshot) throws -> Result
    ) throws -> Result {
        while true {
            let snapshot = try snapshot(overlapping: range)
            let result: Result
            do {
                result = try body(snapshot)
            } catch {
                throw snapshot.failure ?? error
            }
            if let failure = snapshot.failure { throw failure }
            if !snapshot.isDamaged { return result }
        }
    }
}
