import MartletCore

/// The newest exemplars of all series: a new one takes the place of the oldest. Those of one series are linked from the
/// newest to the oldest.
struct ExemplarRing {
    private struct Entry {
        let ref: SeriesRef
        let exemplar: StoredExemplar
        /// Number of the series' exemplar before; 0 for none.
        let previous: Int
        /// Whether a block has it.
        var isStored = false
        var isDeleted = false
    }

    /// Unicode scalars of an exemplar's labels, as OpenMetrics has it.
    private static let labelLimit = 128

    /// Exemplars that are kept; none with 0.
    private(set) var capacity: Int
    private var entries: [Entry] = []
    /// Exemplars taken so far; they are numbered from 1 on.
    private var taken = 0
    /// Number of each series' newest exemplar.
    private var newest: [SeriesRef: Int] = [:]
    private var labelBytes = 0

    init(capacity: Int) {
        self.capacity = max(0, capacity)
    }

    /// Bytes of memory held, about.
    var memory: Int { entries.count * (MemoryLayout<Entry>.stride + 32) + labelBytes + newest.count * 24 }

    /// Exemplars that are there now.
    var count: Int { entries.count }

    /// Whether the rules permit an exemplar: newer than the newest of its series, or at its time and not smaller, and no
    /// repetition of it; labels of moderate length.
    func accepts(_ ref: SeriesRef, _ time: Int64, _ value: UInt64, _ labels: UnsafeRawBufferPointer) -> Bool {
        guard capacity > 0, Self.length(labels) <= Self.labelLimit else { return false }
        guard let last = entry(newest[ref] ?? 0, of: ref) else { return true }
        if time != last.exemplar.time { return time > last.exemplar.time }
        let (new, old) = (Double(bitPattern: value), Double(bitPattern: last.exemplar.value))
        if new != old { return new > old }
        return !last.exemplar.labels.withUnsafeBytes { Bytes.equal($0, labels) }
    }

    /// Adds an exemplar that `accepts` permits.
    mutating func add(_ ref: SeriesRef, _ time: Int64, _ value: UInt64, _ labels: UnsafeRawBufferPointer) {
        let exemplar = StoredExemplar(time: time, value: value, labels: Array(labels))
        add(Entry(ref: ref, exemplar: exemplar, previous: newest[ref] ?? 0))
    }

    private mutating func add(_ entry: Entry) {
        guard capacity > 0 else { return }
        taken += 1
        let ref = entry.ref
        labelBytes += entry.exemplar.labels.count
        if entries.count < capacity {
            entries.append(entry)
        } else {
            let place = (taken - 1) % capacity
            let old = entries[place]
            labelBytes -= old.exemplar.labels.count
            if newest[old.ref] == taken - capacity { newest[old.ref] = nil }
            entries[place] = entry
        }
        newest[ref] = taken
    }

    /// The exemplars of a series in the times, ascending.
    func exemplars(of ref: SeriesRef, from start: Int64, to end: Int64) -> [StoredExemplar] {
        var found: [StoredExemplar] = []
        var number = newest[ref] ?? 0
        while let entry = entry(number, of: ref), entry.exemplar.time >= start {
            if entry.exemplar.time <= end, !entry.isDeleted { found.append(entry.exemplar) }
            number = entry.previous
        }
        return found.reversed()
    }

    /// The exemplars of a series up to a time that no block has.
    func unstored(of ref: SeriesRef, to end: Int64) -> [StoredExemplar] {
        var found: [StoredExemplar] = []
        var number = newest[ref] ?? 0
        while let entry = entry(number, of: ref) {
            if entry.exemplar.time <= end, !entry.isStored, !entry.isDeleted { found.append(entry.exemplar) }
            number = entry.previous
        }
        return found
    }

    /// Notes that a block has the exemplars of a series up to a time.
    mutating func markStored(_ ref: SeriesRef, to end: Int64) {
        var number = newest[ref] ?? 0
        while let entry = entry(number, of: ref) {
            if entry.exemplar.time <= end { entries[(number - 1) % capacity].isStored = true }
            number = entry.previous
        }
    }

    /// Deletes the exemplars of a series in the times.
    mutating func delete(_ ref: SeriesRef, from start: Int64, to end: Int64) {
        var number = newest[ref] ?? 0
        while let entry = entry(number, of: ref), entry.exemplar.time >= start {
            if entry.exemplar.time <= end { entries[(number - 1) % capacity].isDeleted = true }
            number = entry.previous
        }
    }

    /// Forgets a series that is dropped.
    mutating func forget(_ ref: SeriesRef) { newest[ref] = nil }

    /// Changes how many are kept; of too many the newest stay.
    mutating func resize(to capacity: Int) {
        guard capacity != self.capacity else { return }
        var fresh = ExemplarRing(capacity: capacity)
        let first = max(taken - entries.count, taken - fresh.capacity) + 1
        if first <= taken {
            for number in first...taken {
                let entry = entries[(number - 1) % max(1, self.capacity)]
                var moved = Entry(
                    ref: entry.ref, exemplar: entry.exemplar, previous: fresh.newest[entry.ref] ?? 0)
                (moved.isStored, moved.isDeleted) = (entry.isStored, entry.isDeleted)
                fresh.add(moved)
            }
        }
        self = fresh
    }

    /// The exemplar with a number; nil when another has taken its place.
    private func entry(_ number: Int, of ref: SeriesRef) -> Entry? {
        guard number > 0, number > taken - entries.count else { return nil }
        let entry = entries[(number - 1) % capacity]
        return entry.ref == ref ? entry : nil
    }

    private static func length(_ labels: UnsafeRawBufferPointer) -> Int {
        var count = 0
        Labels.walk(labels) { name, value in
            for text in [name, value] {
                // Every scalar has one byte that continues none.
                for byte in text where byte & 0xC0 != 0x80 { count += 1 }
            }
        }
        return count
    }
}
