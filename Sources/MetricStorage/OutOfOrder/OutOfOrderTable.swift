/// The out-of-order samples of the head, by series: those that come in, and those that are on their way into a block.
/// Queries see both.
struct OutOfOrderTable {
    private(set) var open: [SeriesRef: OutOfOrderSamples] = [:]
    /// What `settle` took out of `open`.
    private(set) var settling: [SeriesRef: OutOfOrderSamples] = [:]
    /// Bytes of memory held, about.
    private(set) var memory = 0
    /// Samples in `open`.
    private(set) var count = 0

    var isEmpty: Bool { open.isEmpty && settling.isEmpty }

    /// Whether a series has samples here.
    func contains(_ ref: SeriesRef) -> Bool { !isEmpty && (open[ref] != nil || settling[ref] != nil) }

    /// Whether a series has samples in the times.
    func overlaps(_ ref: SeriesRef, _ start: Int64, _ end: Int64) -> Bool {
        if isEmpty { return false }
        return open[ref]?.overlaps(start, end) ?? false || settling[ref]?.overlaps(start, end) ?? false
    }

    /// The samples of a series with `start <= t <= end`.
    func samples(_ ref: SeriesRef, from start: Int64, to end: Int64) -> OutOfOrderSamples {
        let after = end == .max ? end : end + 1
        var result = settling[ref]?.samples(from: start, before: after) ?? OutOfOrderSamples()
        if let fresh = open[ref] { result.merge(fresh.samples(from: start, before: after)) }
        return result
    }

    /// Takes samples, in any order, and gives how many; of those of one series and time the first counts. It costs as
    /// much as there are samples, also where each is older than the one before it.
    mutating func insert(_ late: [(ref: SeriesRef, time: Int64, value: UInt64)]) -> Int {
        let order = late.indices.sorted {
            let (a, b) = (late[$0], late[$1])
            return (a.ref.raw, a.time, $0) < (b.ref.raw, b.time, $1)
        }
        var taken = 0
        var position = 0
        while position < order.count {
            let ref = late[order[position]].ref
            var run = OutOfOrderSamples()
            while position < order.count, late[order[position]].ref == ref {
                run.append(late[order[position]].time, late[order[position]].value)
                position += 1
            }
            taken += open[ref, default: OutOfOrderSamples()].merge(run)
        }
        count += taken
        memory += taken * 16
        return taken
    }

    /// Takes a native histogram; false when there is a sample at its time already.
    mutating func insert(_ ref: SeriesRef, _ time: Int64, _ value: StoredHistogram) -> Bool {
        count(open[ref, default: OutOfOrderSamples()].insert(time, value), 256 + value.positive.count * 16)
    }

    private mutating func count(_ isTaken: Bool, _ bytes: Int) -> Bool {
        guard isTaken else { return false }
        count += 1
        memory += bytes
        return true
    }

    /// The earliest time; the maximum without samples.
    var first: Int64 { open.values.reduce(.max) { min($0, $1.first) } }

    /// The earliest time of what is on its way into a block; the maximum without any.
    var firstSettling: Int64 { settling.values.reduce(.max) { min($0, $1.first) } }

    /// Takes the samples before `time` out of those that come in: they are to become blocks. What came in meanwhile stays
    /// in `open`.
    mutating func settle(before time: Int64) {
        restore()
        for (ref, samples) in open where samples.first < time {
            settling[ref] = samples.samples(from: .min, before: time)
            let rest = samples.samples(from: time, before: .max)
            open[ref] = rest.isEmpty ? nil : rest
        }
        recount()
    }

    /// Takes out the samples of series with `start <= t <= end`; false when there were none.
    mutating func remove(_ refs: [SeriesRef], from start: Int64, to end: Int64) -> Bool {
        restore()
        var isChanged = false
        for ref in refs {
            guard let samples = open[ref], samples.overlaps(start, end) else { continue }
            var rest = samples.samples(from: .min, before: start)
            if end < .max { rest.merge(samples.samples(from: end + 1, before: .max)) }
            open[ref] = rest.isEmpty ? nil : rest
            isChanged = true
        }
        if isChanged { recount() }
        return isChanged
    }

    /// Forgets what blocks have now.
    mutating func finish() {
        settling = [:]
        recount()
    }

    /// Takes back what could not be written.
    mutating func restore() {
        for (ref, samples) in settling { open[ref, default: OutOfOrderSamples()].merge(samples) }
        settling = [:]
        recount()
    }

    private mutating func recount() {
        memory = (Array(open.values) + Array(settling.values)).reduce(0) { $0 + $1.memory }
        count = open.values.reduce(0) { $0 + $1.count }
    }
}
