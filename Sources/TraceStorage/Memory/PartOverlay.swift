import TraceQL

/// What happened to the spans of a part after they were written: kept apart, so that a full part never changes.
struct PartOverlay: Sendable {
    /// Rows that a later copy of the span replaces; nil while there is none. Need not be as long as the part.
    private(set) var dead: Bitmap?
    /// For each trace the next part that holds spans of it; empty while there is none.
    private var newer: [FragmentRef] = []
    /// For each trace that lost rows the bytes of their encoded spans.
    private(set) var lost: [Int: Int] = [:]

    func newer(than trace: Int) -> FragmentRef {
        trace < newer.count ? newer[trace] : .none
    }

    mutating func setNewer(_ ref: FragmentRef, than trace: Int) {
        while newer.count <= trace { newer.append(.none) }
        newer[trace] = ref
    }

    /// Marks a row as replaced.
    mutating func bury(_ row: Int, in part: MemoryPart) {
        if row >= dead?.count ?? 0 {
            // Longer than needed, since all spans of a trace may come again, one by one.
            var rows = Bitmap(count: max(part.count, 2 * (row + 1)))
            dead?.forEach { rows[$0] = true }
            dead = rows
        }
        dead?[row] = true
        lost[Int(part.traceNumbers[row]), default: 0] += Int(part.sizes[row])
    }

    /// First start and last end of what is left of a trace; (max, 0) when nothing is.
    func bounds(of trace: Int, in part: MemoryPart) -> (start: UInt64, end: UInt64) {
        var found: (start: UInt64, end: UInt64) = (.max, 0)
        var next = part.traces[trace].firstRow
        while next != .max {
            let row = Int(next)
            if isLive(row) {
                let start = part.startTimes[row]
                found.start = min(found.start, start)
                found.end = max(found.end, max(start, start &+ UInt64(bitPattern: part.durations[row])))
            }
            next = part.nextRows[row]
        }
        return found
    }

    /// Whether the row counts.
    func isLive(_ row: Int) -> Bool {
        guard let dead else { return true }
        return row >= dead.count || !dead[row]
    }
}
