import MartletCore

/// The entities of one processor: label sets with counters and histograms. An entity is found by the hash of its key's bytes.
///
/// A value: collecting works on a copy, while spans are counted in the original.
struct MetricTable: Sendable {
    /// An observation that stands for those of its bucket since the last collection.
    struct Sample: Sendable {
        var value = 0.0
        var traceHigh: UInt64 = 0
        var traceLow: UInt64 = 0
        /// The collection that it is for.
        var epoch: UInt32 = 0
    }

    /// The entity that stands for those beyond the limit.
    static let overflow = 0
    /// Where a key may be found, beside those of its hash.
    private static let free: UInt32 = 0

    let shape: MetricShape
    private(set) var keys: [[UInt8]] = [[]]
    private(set) var hashes: [UInt64] = [0]
    /// When an entity was added to last; milliseconds.
    private(set) var updated: [Int64] = [.min]
    /// The collection before which an entity was not there.
    private(set) var born: [UInt32] = [0]
    /// Labels of an entity's series.
    private(set) var labels: [[Labels]]
    /// `shape.stride` for each entity.
    private(set) var values: [Double]
    private(set) var natives: [NativeBuckets] = []
    /// One for each bucket of each histogram of each entity.
    private(set) var samples: [Sample]
    /// Entities by hash, plus one.
    private var slots: [UInt32] = Array(repeating: MetricTable.free, count: 64)
    /// The number of the next collection.
    private(set) var epoch: UInt32 = 1
    /// The last collection that was written.
    private(set) var written: UInt32 = 0
    private(set) var memory = 0
    /// Whether the entity for those beyond the limit has been needed.
    private(set) var hasOverflowed = false

    init(_ shape: MetricShape) {
        self.shape = shape
        labels = [shape.overflowLabels()]
        values = Array(repeating: 0, count: shape.stride)
        samples = Array(repeating: Sample(), count: shape.histograms.count * shape.buckets)
        if shape.mode.hasNative {
            natives = Array(repeating: NativeBuckets(schema: shape.nativeSchema), count: shape.histograms.count)
        }
    }

    /// Entities, without the one for those beyond the limit.
    var count: Int { keys.count - 1 }
    /// Series that count against the limit.
    var seriesCount: Int { count * shape.seriesPerEntity }

    // MARK: Entities

    /// The entity with a key.
    @inline(__always)
    func find(_ key: [UInt8], _ hash: UInt64) -> Int? {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            if slot == Self.free { return nil }
            let entity = Int(slot - 1)
            if hashes[entity] == hash, Self.equal(keys[entity], key) { return entity }
            place = (place + 1) & mask
        }
    }

    @inline(__always)
    private static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBytes { a in b.withUnsafeBytes { Bytes.equal(a, $0) } }
    }

    /// Adds an entity that is not there.
    mutating func insert(_ key: [UInt8], _ hash: UInt64) -> Int {
        let entity = keys.count
        let own = key.withUnsafeBytes { shape.labels($0) }
        keys.append(key)
        hashes.append(hash)
        updated.append(.min)
        born.append(epoch)
        memory += Self.memory(key, own, shape)
        labels.append(own)
        values.append(contentsOf: repeatElement(0, count: shape.stride))
        samples.append(contentsOf: repeatElement(Sample(), count: shape.histograms.count * shape.buckets))
        if shape.mode.hasNative {
            natives.append(
                contentsOf: repeatElement(NativeBuckets(schema: shape.nativeSchema), count: shape.histograms.count))
        }
        if keys.count * 2 > slots.count { index(slots.count * 2) } else { place(entity) }
        return entity
    }

    private mutating func place(_ entity: Int) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hashes[entity]) & mask
        while slots[place] != Self.free { place = (place + 1) & mask }
        slots[place] = UInt32(entity + 1)
    }

    private mutating func index(_ size: Int) {
        slots = Array(repeating: Self.free, count: size)
        for entity in keys.indices where entity != Self.overflow { place(entity) }
    }

    /// About what an entity takes.
    private static func memory(_ key: [UInt8], _ labels: [Labels], _ shape: MetricShape) -> Int {
        let text = labels.reduce(key.count) { $0 + $1.bytes.count + 48 }
        // Between buckets that are used there are others.
        let buckets = 2 * min(shape.nativeBuckets, 1000)
        let native = shape.mode.hasNative ? shape.histograms.count * (64 + 8 * buckets) : 0
        // The tables are copied for a collection, and twice as large when they have just grown.
        return 96 + text + native + 3 * (8 * shape.stride + 32 * shape.histograms.count * shape.buckets)
    }

    // MARK: Counting

    @inline(__always)
    mutating func touch(_ entity: Int, _ nowMs: Int64) {
        if updated[entity] < nowMs { updated[entity] = nowMs }
        guard entity == Self.overflow, !hasOverflowed else { return }
        hasOverflowed = true
        born[entity] = epoch
    }

    @inline(__always)
    mutating func add(_ value: Double, counter: Int, of entity: Int) {
        values[entity * shape.stride + counter] += value
    }

    /// Counts a value that is not negative.
    @inline(__always)
    mutating func observe(
        _ value: Double, times: Double, histogram: Int, of entity: Int, traceHigh: UInt64, traceLow: UInt64
    ) {
        let bucket = bucket(of: value)
        let start = entity * shape.stride + shape.counters.count + histogram * shape.valuesPerHistogram
        values[start] += value * times
        values[start + 1 + bucket] += times
        if shape.mode.hasNative {
            natives[entity * shape.histograms.count + histogram].observe(
                value, times: UInt64(max(1, min(times, 1e9)).rounded(.up)), limit: shape.nativeBuckets)
        }
        if traceHigh | traceLow != 0 {
            samples[(entity * shape.histograms.count + histogram) * shape.buckets + bucket] = Sample(
                value: value, traceHigh: traceHigh, traceLow: traceLow, epoch: epoch)
        }
    }

    @inline(__always)
    private func bucket(of value: Double) -> Int {
        var low = 0
        var high = shape.bounds.count
        while low < high {
            let middle = (low + high) / 2
            if shape.bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Adds what another process has counted under a key, which was not new to readers.
    mutating func restore(
        _ key: [UInt8], isOverflow: Bool, updated time: Int64, values other: [Double], natives others: [NativeBuckets]
    ) {
        let hash = Hash64.hash(key)
        let entity = isOverflow ? Self.overflow : find(key, hash) ?? insert(key, hash)
        updated[entity] = max(updated[entity], time)
        born[entity] = written
        if isOverflow { hasOverflowed = true }
        for (offset, value) in other.enumerated() { values[entity * shape.stride + offset] += value }
        for (offset, native) in others.enumerated() {
            natives[entity * shape.histograms.count + offset].add(native)
        }
    }

    // MARK: Collections

    /// Whether readers have not seen an entity.
    func isNew(_ entity: Int) -> Bool { born[entity] > written }

    /// Begins the next collection; a copy has what this one writes.
    mutating func beginCollection() { epoch += 1 }

    /// Ends a collection that was written: its entities are known from now on, and those that nothing was added to since
    /// `staleMs` have ended with it. Returns how many ended.
    mutating func endCollection(_ number: UInt32, staleMs: Int64) -> Int {
        written = number
        let ended = keys.indices.filter { $0 != Self.overflow && updated[$0] < staleMs }
        guard !ended.isEmpty else { return 0 }
        // From the back, so that what takes an ended one's place is one that stays.
        for entity in ended.reversed() { removeSwapping(entity) }
        var size = 64
        while size < keys.count * 2 { size *= 2 }
        index(size)
        return ended.count
    }

    private mutating func removeSwapping(_ entity: Int) {
        memory -= Self.memory(keys[entity], labels[entity], shape)
        let last = keys.count - 1
        let bucketCount = shape.histograms.count * shape.buckets
        let (stride, histograms) = (shape.stride, shape.histograms.count)
        if entity != last {
            for offset in 0..<stride { values[entity * stride + offset] = values[last * stride + offset] }
            for offset in 0..<bucketCount {
                samples[entity * bucketCount + offset] = samples[last * bucketCount + offset]
            }
            if shape.mode.hasNative {
                for offset in 0..<histograms {
                    natives[entity * histograms + offset] = natives[last * histograms + offset]
                }
            }
        }
        keys.swapAt(entity, last)
        hashes.swapAt(entity, last)
        updated.swapAt(entity, last)
        born.swapAt(entity, last)
        labels.swapAt(entity, last)
        keys.removeLast()
        hashes.removeLast()
        updated.removeLast()
        born.removeLast()
        labels.removeLast()
        values.removeLast(stride)
        samples.removeLast(bucketCount)
        if shape.mode.hasNative { natives.removeLast(histograms) }
    }
}
