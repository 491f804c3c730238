import MartletCore

/// Applies a record's entries to a generation of a tenant's state.
struct RecordApplier {
    var state: TenantLogs.State
    let generation: Int
    let blockBytes: Int
    /// Days that may have an index.
    let indexedDays: ClosedRange<Int64>
    /// Streams that the push was admitted to and that are not there yet.
    private(set) var admitted: Set<Labels>
    /// Bytes of memory that the generation takes more than before.
    private(set) var charged = 0
    /// The part of the stream that began last; its head is in `head` meanwhile.
    private var part: Int?
    private var head = LogColumns()
    /// Whether a head was sealed.
    private var hasSealed = false
    /// Bytes of lines and metadata that the generation has not noted yet.
    private var raw = 0
    private var stream = 0
    /// The times of the day of the entry before; none for a stream that begins.
    private var dayStart: Int64 = 1
    private var dayEnd: Int64 = 0
    private var before = 0

    init(
        state: consuming TenantLogs.State, generation: Int, blockBytes: Int, indexedDays: ClosedRange<Int64>,
        admitted: consuming Set<Labels>
    ) {
        self.state = state
        self.generation = generation
        self.blockBytes = blockBytes
        self.indexedDays = indexedDays
        self.admitted = admitted
    }

    /// Applies entries from a place on, at most until a head was full and is sealed, which takes as long as much else. `next`
    /// tells how far it came.
    mutating func apply(_ entries: RecordPieces.Entries, from next: inout Int) throws {
        var current: Int?
        while next < entries.count, !hasSealed {
            let entry = entries[next]
            if entry.stream != current {
                try entries.withLabels(of: entry) { try stream($0) }
                current = entry.stream
            }
            try self.entry(entry.timestamp, entry.line, entry.metadata)
            next += 1
        }
        try finishStream()
    }

    private mutating func stream(_ labels: UnsafeRawBufferPointer) throws {
        try finishStream()
        stream = try state.registry.number(of: labels)
        if !admitted.isEmpty, let labels = admitted.remove(state.registry.streams[stream].labels) {
            state.release(CollectionOfOne(labels))
        }
        let known = state.generations[generation].parts.count
        let place = state.generations[generation].addPart(of: stream)
        state.generations[generation].exchangeHead(place, with: &head)
        part = place
        (dayStart, dayEnd) = (1, 0)
        before = head.memoryBytes
        if place == known {
            before = 0
            // In the registry and in a queue for the index.
            add(2 * labels.count)
        }
    }

    private mutating func entry(
        _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer
    ) throws {
        guard part != nil else { return }
        if timestamp < dayStart || timestamp > dayEnd { begin(dayOf: timestamp) }
        head.append(timestamp, line, metadata)
        raw += line.count + metadata.count
        if head.isFull(bytes: blockBytes) { try settle() }
    }

    /// Has the index note the day of an entry; those that follow it are as a rule of the same day.
    private mutating func begin(dayOf timestamp: Int64) {
        let day = timestamp.flooredDay
        (dayStart, dayEnd) = day.timesOfDay
        if indexedDays.contains(day), state.indexed[day, default: []].insert(stream).inserted {
            state.unindexed[day, default: []].append(stream)
        }
    }

    /// Accounts for the head of the stream that began last, and puts it back.
    private mutating func finishStream() throws {
        defer { putBack() }
        try settle()
    }

    /// Accounts for the head, and seals it when it is full.
    private mutating func settle() throws {
        guard let part else { return }
        state.generations[generation].noteRaw(raw)
        raw = 0
        add(head.memoryBytes - before)
        if head.isFull(bytes: blockBytes) {
            state.generations[generation].exchangeHead(part, with: &head)
            defer { state.generations[generation].exchangeHead(part, with: &head) }
            charged += try state.generations[generation].accounting(part) { try $0.sealFull(part) }
            hasSealed = true
        }
        before = head.memoryBytes
    }

    /// Puts a head back that an error has left out.
    mutating func putBack() {
        guard let part else { return }
        state.generations[generation].noteRaw(raw)
        state.generations[generation].exchangeHead(part, with: &head)
        raw = 0
        self.part = nil
    }

    private mutating func add(_ bytes: Int) {
        state.generations[generation].adjust(by: bytes)
        charged += bytes
    }
}
