import Wire

/// All parts of one store, oldest first; the last one grows. No input or output, no locks.
struct PartSet: Sendable {
    struct Member: Sendable {
        let box: PartBox
        var overlay = PartOverlay()
        let memory: Int
    }

    private(set) var full: [Member] = []
    private(set) var active: MemoryPart
    private var activeOverlay = PartOverlay()
    private var index = TraceIndex()
    private var fullMemory = 0
    /// Bytes of the encoded spans of all full parts.
    private var fullEncoded = 0
    private let rowsPerPart: Int
    /// At least the size of the largest trace in all parts, to skip the check of sizes where it cannot matter.
    private(set) var largestTrace = 0

    init(rowsPerPart: Int) {
        self.rowsPerPart = max(1, rowsPerPart)
        active = MemoryPart(serial: 0)
    }

    /// Bytes of memory held.
    var memory: Int { fullMemory + active.memory + index.memory }
    /// Bytes of the encoded spans held.
    var encodedBytes: Int { fullEncoded + active.encodedBytes }
    var spanCount: Int { full.reduce(active.count) { $0 + $1.box.part.count } }
    var traceCount: Int { index.count }
    /// The first segment of the log that any part needs; nil when there are no spans.
    var firstSegment: Int? {
        var first = active.firstSegment
        for member in full { first = min(first, member.box.part.firstSegment) }
        return first == .max ? nil : first
    }
    /// When the oldest part got its last span, Unix nanoseconds; nil when there are no spans.
    var oldestArrival: UInt64? {
        full.first.map { $0.box.part.lastArrival } ?? (active.count > 0 ? active.lastArrival : nil)
    }

    // MARK: Writing

    /// Adds the spans of a request but those whose ordinals are in `rejected`, which is ascending.
    mutating func apply(
        _ request: DecodedRequest, rejected: [Int], arrival: UInt64, segment: Int, limits: AttributeLimits
    ) {
        var contexts = [UInt32](repeating: .max, count: request.contexts.count)
        var contextPart = active.serial
        var nextRejected = rejected.startIndex
        for ordinal in request.spans.indices {
            if nextRejected < rejected.endIndex, rejected[nextRejected] == ordinal {
                nextRejected += 1
                continue
            }
            if active.count >= rowsPerPart { seal() }
            if contextPart != active.serial {
                contextPart = active.serial
                for position in contexts.indices { contexts[position] = .max }
            }
            let number = Int(request.spans[ordinal].context)
            if contexts[number] == .max {
                contexts[number] = active.context(request.contexts[number], of: request, limits: limits)
            }
            add(request.spans[ordinal], of: request, context: contexts[number], limits)
            active.lastArrival = max(active.lastArrival, arrival)
            active.firstSegment = min(active.firstSegment, segment)
        }
    }

    private mutating func add(
        _ span: DecodedRequest.Span, of request: DecodedRequest, context: UInt32, _ limits: AttributeLimits
    ) {
        let known = index.find(span.traceHigh, span.traceLow)
        let trace: UInt32
        if let known, known.part == active.serial {
            trace = known.trace
        } else {
            let olderBytes = encodedBytes(high: span.traceHigh, low: span.traceLow)
            trace = active.addTrace(
                high: span.traceHigh, low: span.traceLow, older: known ?? .none, olderBytes: olderBytes)
            let ref = FragmentRef(part: active.serial, trace: trace)
            index.set(span.traceHigh, span.traceLow, ref)
            if let known, let position = position(of: known.part) {
                full[position].overlay.setNewer(ref, than: Int(known.trace))
            }
        }
        if let replaced = active.append(span, of: request, trace: trace, context: context, limits: limits) {
            activeOverlay.bury(replaced, in: active)
        } else {
            buryOlderCopy(of: span, in: active.traces[Int(trace)].older)
        }
        let fragment = active.traces[Int(trace)]
        largestTrace = max(largestTrace, fragment.olderBytes + fragment.bytes)
    }

    /// The same span may have come before in a part that is full.
    private mutating func buryOlderCopy(of span: DecodedRequest.Span, in first: FragmentRef) {
        var ref = first
        while let position = position(of: ref.part) {
            let part = full[position].box.part
            if let row = part.row(trace: ref.trace, span: span.id, kind: UInt8(clamping: span.kind)) {
                if full[position].overlay.isLive(row) { full[position].overlay.bury(row, in: part) }
                return
            }
            ref = part.traces[Int(ref.trace)].older
        }
    }

    private func position(of serial: UInt32) -> Int? {
        guard let first = full.first?.box.part.serial, serial >= first, serial < active.serial else { return nil }
        return Int(serial - first)
    }

    /// Ends the growing part and starts the next.
    private mutating func seal() {
        active.compact()
        let memory = active.memory
        fullMemory += memory
        fullEncoded += active.encodedBytes
        full.append(Member(box: PartBox(active), overlay: activeOverlay, memory: memory))
        active = MemoryPart(serial: active.serial + 1)
        activeOverlay = PartOverlay()
    }

    /// Removes the oldest part; the growing one too when it is the only one. Nil when there are no spans.
    mutating func dropOldest() -> (spans: Int, traces: Int)? {
        if full.isEmpty {
            if active.count == 0 { return nil }
            seal()
        }
        let member = full.removeFirst()
        let part = member.box.part
        fullMemory -= member.memory
        fullEncoded -= part.encodedBytes
        for (number, trace) in part.traces.enumerated() {
            index.remove(trace.high, trace.low, ifAt: FragmentRef(part: part.serial, trace: UInt32(number)))
        }
        return (part.count, part.traces.count)
    }

    // MARK: Reading

    /// Bytes of the encoded spans of a trace.
    func encodedBytes(high: UInt64, low: UInt64) -> Int {
        var bytes = 0
        var ref = index.find(high, low) ?? .none
        while let part = part(ref.part) {
            bytes += part.traces[Int(ref.trace)].bytes
            ref = part.traces[Int(ref.trace)].older
        }
        return bytes
    }

    private func part(_ serial: UInt32) -> MemoryPart? {
        if serial == active.serial { return active }
        return position(of: serial).map { full[$0].box.part }
    }

    /// The live rows of a trace with their parts, oldest first.
    func rows(high: UInt64, low: UInt64) -> [(part: MemoryPart, rows: [Int])] {
        var found: [(part: MemoryPart, rows: [Int])] = []
        var ref = index.find(high, low) ?? .none
        while let part = part(ref.part) {
            let overlay = position(of: ref.part).map { full[$0].overlay } ?? activeOverlay
            var rows: [Int] = []
            var row = part.traces[Int(ref.trace)].firstRow
            while row != .max {
                if overlay.isLive(Int(row)) { rows.append(Int(row)) }
                row = part.nextRows[Int(row)]
            }
            found.append((part, rows))
            ref = part.traces[Int(ref.trace)].older
        }
        return found.reversed()
    }

    /// A view that later writes do not change.
    func snapshot() -> PartSnapshot {
        var parts = full.map { PartTable($0.box, $0.overlay) }
        if active.count > 0 { parts.append(PartTable(PartBox(active), activeOverlay)) }
        return PartSnapshot(parts, firstSerial: full.first?.box.part.serial ?? active.serial)
    }
}
