import MartletCore

/// The `limit` newest (or oldest) of many lines: a heap whose root is the line that goes first.
struct NewestLines: Sendable {
    struct Entry: Sendable {
        var timestamp: Int64
        var stream: Labels
        var line: [UInt8]
        var metadata: Labels
        var parsed: Labels
        /// The order of lines with equal times on pages, which is the same wherever they lie.
        var hash: UInt64 = 0

        /// Bytes of memory that it takes, about.
        var heldBytes: Int { bytes + 200 }

        private var bytes: Int { line.count + metadata.bytes.count + parsed.bytes.count }
    }

    /// What lines are ordered by. The heap has these, which are moved about at no cost.
    private struct Key {
        let timestamp: Int64
        let hash: UInt64
        /// Order of arrival, to keep the order of lines with equal times.
        let sequence: Int
        /// Where the line lies.
        let place: Int
    }

    private let limit: Int
    private let isBackward: Bool
    /// Whether lines with equal times are kept by their hashes, not in the order in which they come.
    private let isPaged: Bool
    private var heap: [Key] = []
    private var entries: [Entry] = []
    private var nextSequence = 0

    init(limit: Int, isBackward: Bool, isPaged: Bool = false) {
        self.limit = limit
        self.isBackward = isBackward
        self.isPaged = isPaged
    }

    /// The best of what several have, of which there is one at least.
    init(joining parts: [NewestLines], _ context: LogQueryContext) {
        self = parts[0]
        for part in parts.dropFirst() {
            for entry in part.bestFirst {
                if let gone = insert(entry) { context.release(gone.heldBytes) }
            }
        }
    }

    /// The lines, those first that go last.
    var bestFirst: [Entry] { heap.sorted { isWorse($1, than: $0) }.map { entries[$0.place] } }

    /// The time of the worst line kept, once there are enough: what is worse is not needed.
    var bound: Int64? { heap.count >= limit ? heap.first?.timestamp : nil }

    /// Whether a line of this time would be kept.
    func accepts(_ timestamp: Int64) -> Bool {
        guard let bound else { return true }
        if isPaged, timestamp == bound { return true }
        return isBackward ? timestamp > bound : timestamp < bound
    }

    /// Keeps a line as long as it is among the best; gives the one that had to go.
    mutating func insert(_ entry: Entry) -> Entry? {
        let sequence = nextSequence
        nextSequence += 1
        func key(_ place: Int) -> Key {
            Key(timestamp: entry.timestamp, hash: entry.hash, sequence: sequence, place: place)
        }
        if heap.count < limit {
            heap.append(key(entries.count))
            entries.append(entry)
            var child = heap.count - 1
            while child > 0, isWorse(heap[child], than: heap[(child - 1) / 2]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
            return nil
        }
        // Only a limit of none leaves no line to compare with.
        guard let worst = heap.first else { return entry }
        let key = key(worst.place)
        guard accepts(entry.timestamp), !isPaged || isWorse(worst, than: key) else { return entry }
        heap[0] = key
        siftDown()
        let gone = entries[worst.place]
        entries[worst.place] = entry
        return gone
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && isWorse(heap[child], than: heap[worst]) {
                worst = child
            }
            if worst == parent { return }
            heap.swapAt(worst, parent)
            parent = worst
        }
    }

    private func isWorse(_ a: Key, than b: Key) -> Bool {
        if a.timestamp != b.timestamp { return isBackward ? a.timestamp < b.timestamp : a.timestamp > b.timestamp }
        if isPaged, a.hash != b.hash { return a.hash > b.hash }
        return a.sequence > b.sequence
    }
}

extension NewestLines.Entry {
    /// The line as it is given.
    var given: LogStreams.Entry {
        LogStreams.Entry(timestamp: timestamp, line: line, metadata: metadata, parsed: parsed)
    }

    /// A hash of all that is seen of the line but its time.
    func contentHash() -> UInt64 {
        var hash = line.withUnsafeBytes { Hash64.hash($0) }
        for labels in [stream, metadata, parsed] {
            hash = labels.bytes.withUnsafeBytes { Hash64.hash($0, seed: hash) }
        }
        return hash
    }
}

extension LogStreams {
    /// Lines by stream, in the order in which they are given.
    init(_ lines: some Sequence<(stream: Labels, entry: Entry)>) {
        var places: [Labels: Int] = [:]
        var streams: [Stream] = []
        for (labels, entry) in lines {
            if let place = places[labels] {
                streams[place].entries.append(entry)
            } else {
                places[labels] = streams.count
                streams.append(Stream(labels: labels, entries: [entry]))
            }
        }
        self.init(streams: streams.sorted { $0.labels < $1.labels })
    }
}
