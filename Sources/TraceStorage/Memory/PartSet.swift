import Wire

/// The parts in memory of one generation, oldest first; the last one grows. No input or output, no locks.
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
    /// Traces that came since they were last taken.
    private var newTraces: [TraceKey] = []
    /// Traces of which other generations or parts on disk have spans, and how many encoded bytes of them.
    private(set) var shared: [TraceKey: Int] = [:]

    // MARK: Writing

    /// Adds the spans of a request but those whose ordinals are in `rejected`, which is ascending.
    mutating func apply(_ request: DecodedRequest, rejected: [Int], limits: AttributeLimits) {
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
            if known == nil { newTraces.append(TraceKey(high: span.traceHigh, low: span.traceLow)) }
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
        let elsewhere = shared.isEmpty ? 0 : shared[TraceKey(high: span.traceHigh, low: span.traceLow)] ?? 0
        largestTrace = max(largestTrace, fragment.olderBytes + fragment.bytes + elsewhere)
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

    /// Serial numbers count from 0 and have no gap.
    private func position(of serial: UInt32) -> Int? { serial < active.serial ? Int(serial) : nil }

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

    /// Notes that spans of a trace lie elsewhere too.
    mutating func share(_ key: TraceKey, bytesElsewhere: Int) {
        shared[key] = bytesElsewhere
        largestTrace = max(largestTrace, encodedBytes(high: key.high, low: key.low) + bytesElsewhere)
    }

    /// Takes the traces that are new since the last time.
    mutating func takeNewTraces() -> [TraceKey] {
        defer { newTraces.removeAll(keepingCapacity: true) }
        return newTraces
    }

    // MARK: Reading

    /// Bytes of the encoded spans of a trace, of those that count.
    func encodedBytes(high: UInt64, low: UInt64) -> Int {
        var bytes = 0
        var ref = index.find(high, low) ?? .none
        while let part = part(ref.part) {
            let lost = position(of: ref.part).map { full[$0].overlay.lost } ?? activeOverlay.lost
            bytes += part.traces[Int(ref.trace)].bytes - (lost[Int(ref.trace)] ?? 0)
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

    /// Whether there are spans of a trace.
    func contains(high: UInt64, low: UInt64) -> Bool { index.find(high, low) != nil }

    /// Where the spans of a trace lie, oldest first: the position of the part, and the trace's number in it.
    func places(high: UInt64, low: UInt64) -> [(position: Int, trace: Int)] {
        var places: [(position: Int, trace: Int)] = []
        var ref = index.find(high, low) ?? .none
        while let part = part(ref.part) {
            places.append((Int(ref.part), Int(ref.trace)))
            ref = part.traces[Int(ref.trace)].older
        }
        return places.reversed()
    }

    /// The parts as tables, by position.
    func tables() -> [PartTable] {
        full.map { PartTable($0.box, $0.overlay) }
            + (active.count > 0 ? [PartTable(PartBox(active), activeOverlay)] : [])
    }
}
