import TraceQL

/// What happened to the spans of a part after they were written: kept apart, so that a full part never changes.
struct PartOverlay: Sendable {
    /// Rows that a later copy of the span replaces; nil while there is none.
    private(set) var dead: Bitmap?
    /// For each trace the next part that holds spans of it; empty while there is none.
    private var newer: [FragmentRef] = []
    /// Bounds of the traces that lost rows.
    private(set) var bounds: [Int: (start: UInt64, end: UInt64)] = [:]

    func newer(than trace: Int) -> FragmentRef {
        trace < newer.count ? newer[trace] : .none
    }

    mutating func setNewer(_ ref: FragmentRef, than trace: Int) {
        while newer.count <= trace { newer.append(.none) }
        newer[trace] = ref
    }

    /// Marks a row as replaced and counts its trace's bounds again.
    mutating func bury(_ row: Int, in part: MemoryPart) {
        var rows = Bitmap(count: max(part.count, row + 1))
        dead?.forEach { rows[$0] = true }
        rows[row] = true
        dead = rows
        let trace = Int(part.traceNumbers[row])
        var found: (start: UInt64, end: UInt64) = (.max, 0)
        var next = part.traces[trace].firstRow
        while next != .max {
            let current = Int(next)
            if current >= rows.count || !rows[current] {
                let start = part.startTimes[current]
                found.start = min(found.start, start)
                found.end = max(found.end, max(start, start &+ UInt64(bitPattern: part.durations[current])))
            }
            next = part.nextRows[current]
        }
        bounds[trace] = found
    }

    /// Whether the row counts.
    func isLive(_ row: Int) -> Bool {
        guard let dead else { return true }
        return row >= dead.count || !dead[row]
    }
}
