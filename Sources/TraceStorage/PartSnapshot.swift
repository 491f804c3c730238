import TraceQL

/// The parts of a store at one moment.
struct PartSnapshot: TraceSnapshot {
    let tables: [any SpanTable]
    private let parts: [PartTable]
    private let firstSerial: UInt32

    /// Parts in order of their serial numbers, which have no gap.
    init(_ parts: [PartTable], firstSerial: UInt32) {
        self.parts = parts
        self.firstSerial = firstSerial
        tables = parts
    }

    private func place(_ ref: FragmentRef) -> TraceRef? {
        guard !ref.isNone, ref.part >= firstSerial, Int(ref.part - firstSerial) < parts.count else { return nil }
        return TraceRef(table: Int(ref.part - firstSerial), trace: Int(ref.trace))
    }

    private func older(_ ref: TraceRef) -> TraceRef? { place(parts[ref.table].box.part.traces[ref.trace].older) }

    private func newer(_ ref: TraceRef) -> TraceRef? { place(parts[ref.table].overlay.newer(than: ref.trace)) }

    func isFragment(_ ref: TraceRef) -> Bool { older(ref) != nil || newer(ref) != nil }

    func fragments(of ref: TraceRef) -> [TraceRef] {
        var first = ref
        while let previous = older(first) { first = previous }
        var all = [first]
        while let last = all.last, let next = newer(last) { all.append(next) }
        return all
    }
}
