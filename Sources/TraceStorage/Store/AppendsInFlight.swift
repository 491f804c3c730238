/// Appends that may be in the record log and are not in memory yet. A segment that may hold one of them must stay on
/// disk, and its generation is not whole.
struct AppendsInFlight: Sendable {
    /// For each append under way the segment that was the newest when it began: its record lies there or behind.
    private var floors: [Int: Int] = [:]

    /// The segment before which nothing is under way; nil when nothing is at all.
    var oldest: Int? { floors.keys.min() }

    mutating func begin(at segment: Int) { floors[segment, default: 0] += 1 }

    mutating func end(at segment: Int) {
        let left = (floors[segment] ?? 1) - 1
        floors[segment] = left > 0 ? left : nil
    }
}
