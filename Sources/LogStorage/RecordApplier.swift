import MartletCore

/// Applies a record's entries to a generation of a tenant's state.
struct RecordApplier: LogRecord.Visitor {
    var state: TenantLogs.State
    let generation: Int
    let blockBytes: Int
    /// Days that may have an index.
    let indexedDays: ClosedRange<Int64>
    /// Bytes of memory that the generation takes more than before.
    private(set) var charged = 0
    private var part: Int?
    private var stream = 0
    private var day: Int64 = 0
    private var before = 0

    init(
        state: consuming TenantLogs.State, generation: Int, blockBytes: Int, indexedDays: ClosedRange<Int64>
    ) {
        self.state = state
        self.generation = generation
        self.blockBytes = blockBytes
        self.indexedDays = indexedDays
    }

    mutating func stream(_ labels: UnsafeRawBufferPointer) throws {
        try finishStream()
        stream = try state.registry.number(of: labels)
        let known = state.generations[generation].parts.count
        let place = state.generations[generation].place(of: stream)
        part = place
        day = .min
        before = state.generations[generation].parts[place].head.memoryBytes
        if place == known {
            before = 0
            // In the registry and in a queue for the index.
            add(2 * labels.count)
        }
    }

    mutating func entry(
        _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer
    ) throws {
        guard let part else { return }
        let entryDay = timestamp.flooredDay
        if entryDay != day {
            day = entryDay
            if indexedDays.contains(day), state.indexed[day, default: []].insert(stream).inserted {
                state.unindexed[day, default: []].append(stream)
            }
        }
        state.generations[generation].append(part, timestamp, line, metadata)
        if state.generations[generation].parts[part].head.isFull(bytes: blockBytes) { try settle(part) }
    }

    /// Accounts for the head of the stream that began last.
    mutating func finishStream() throws {
        guard let part else { return }
        self.part = nil
        try settle(part)
    }

    /// Accounts for a head, and seals it when it is full.
    private mutating func settle(_ part: Int) throws {
        add(state.generations[generation].parts[part].head.memoryBytes - before)
        if state.generations[generation].parts[part].head.isFull(bytes: blockBytes) {
            charged += try state.generations[generation].accounting(part) { try $0.seal(part, goesOn: true) }
        }
        before = state.generations[generation].parts[part].head.memoryBytes
    }

    private mutating func add(_ bytes: Int) {
        state.generations[generation].adjust(by: bytes)
        charged += bytes
    }
}
