/// Appends that may be in the record log and are not in memory yet. A segment that may hold one of them must stay on
/// disk: memory does not say yet that it is needed, and what is made of it is not whole.
package struct AppendsInFlight: Sendable {
    /// For each append under way the segment that was the newest when it began: its record lies there or behind.
    private var floors: [Int: Int] = [:]

    /// None.
    package init() {}

    /// Whether none is under way.
    package var isEmpty: Bool { floors.isEmpty }

    /// The segment before which nothing is under way; nil when nothing is at all.
    package var oldest: Int? { floors.keys.min() }

    /// Notes an append while a segment is the newest.
    package mutating func begin(at segment: Int) { floors[segment, default: 0] += 1 }

    /// Notes that an append which began at a segment is in memory.
    package mutating func end(at segment: Int) {
        let left = (floors[segment] ?? 1) - 1
        floors[segment] = left > 0 ? left : nil
    }
}
