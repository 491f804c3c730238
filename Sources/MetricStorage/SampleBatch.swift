package import MartletCore

/// Samples on their way into the store, as columns: series, each with a run of samples.
///
/// A series is named by its labels or, by who has met it before, by its reference.
package struct SampleBatch: Sendable {
    struct Entry: Sendable {
        var ref: SeriesRef
        /// Whether the labels are known to be canonical and sound.
        var isChecked: Bool
        /// Whether its samples count only where they have their place, and are otherwise left out without a word.
        var isTentative = false
        var hash: UInt64
        var labelStart: Int
        var labelEnd: Int
        var sampleStart: Int
        var sampleEnd: Int
    }

    struct Exemplar: Sendable {
        var entry: Int
        var labelStart: Int
        var labelEnd: Int
        var time: Int64
        var value: UInt64
    }

    struct Histogram: Sendable {
        var entry: Int
        var time: Int64
        var value: StoredHistogram
    }

    private(set) var labelBytes: [UInt8] = []
    private(set) var exemplars: [Exemplar] = []
    /// The appender fills in the references.
    var entries: [Entry] = []
    private(set) var times: [Int64] = []
    private(set) var values: [UInt64] = []
    /// By entry.
    private(set) var histograms: [Histogram] = []

    /// An empty batch.
    package init() {}

    /// Number of series entries.
    package var count: Int { entries.count }
    /// Number of native histograms.
    package var histogramCount: Int { histograms.count }
    /// Number of samples, native histograms included.
    package var sampleCount: Int { times.count + histograms.count }

    /// Starts an entry for the series with these canonical label bytes (see `Labels.bytes`). Its samples follow.
    package mutating func begin(labels: UnsafeRawBufferPointer) { begin(labels, isChecked: true) }

    /// Starts an entry for the series with these labels from outside: the flat encoding of `Labels`, though in any order
    /// and with any content. What a store knows by these very bytes needs no look at them; for the others it sorts out
    /// the order, and refuses the samples of label sets that no series may have.
    package mutating func begin(uncheckedLabels: UnsafeRawBufferPointer) { begin(uncheckedLabels, isChecked: false) }

    /// Makes the last entry tentative: its samples are taken where they are newer than those of their series, and otherwise
    /// left out without being rejected. So the zeros are stored that counters began with.
    package mutating func makeTentative() {
        guard !entries.isEmpty else { return }
        entries[entries.count - 1].isTentative = true
    }

    /// Whether an entry has native histograms, not floats.
    package func hasHistograms(_ entry: Int) -> Bool { entries[entry].sampleStart == entries[entry].sampleEnd }

    private mutating func begin(_ labels: UnsafeRawBufferPointer, isChecked: Bool) {
        let start = labelBytes.count
        labelBytes.append(contentsOf: labels)
        add(
            Entry(
                ref: .none, isChecked: isChecked, hash: Hash64.hash(labels), labelStart: start,
                labelEnd: labelBytes.count, sampleStart: times.count, sampleEnd: times.count))
    }

    /// Starts an entry for a series that is known. When it was dropped meanwhile its samples are rejected with
    /// `.unknownSeries`.
    package mutating func begin(ref: SeriesRef) {
        let start = labelBytes.count
        add(
            Entry(
                ref: ref, isChecked: true, hash: 0, labelStart: start, labelEnd: start, sampleStart: times.count,
                sampleEnd: times.count))
    }

    /// Adds a sample to the last entry: milliseconds since the epoch, and the value with its exact bits.
    package mutating func add(_ timeMs: Int64, _ value: Double) {
        guard !entries.isEmpty else { return }
        times.append(timeMs)
        values.append(value.bitPattern)
        entries[entries.count - 1].sampleEnd = times.count
    }

    /// Adds a native histogram, which must be consistent, to the last entry: milliseconds since the epoch.
    package mutating func add(_ timeMs: Int64, _ histogram: StoredHistogram) {
        guard !entries.isEmpty else { return }
        histograms.append(Histogram(entry: entries.count - 1, time: timeMs, value: histogram))
    }

    /// Adds an exemplar to the last entry: its own canonical label bytes, milliseconds since the epoch, and the value.
    /// It is written to the log beside the samples.
    package mutating func addExemplar(_ labels: UnsafeRawBufferPointer, _ timeMs: Int64, _ value: Double) {
        guard !entries.isEmpty else { return }
        let start = labelBytes.count
        labelBytes.append(contentsOf: labels)
        exemplars.append(
            Exemplar(
                entry: entries.count - 1, labelStart: start, labelEnd: labelBytes.count, time: timeMs,
                value: value.bitPattern))
    }

    /// The reference of an entry's series; known after the batch was appended.
    package func ref(_ entry: Int) -> SeriesRef { entries[entry].ref }

    /// The labels of an entry that was begun with labels, as they were given.
    package func labels(_ entry: Int) -> Labels {
        Labels(canonicalBytes: Array(labelBytes[entries[entry].labelStart..<entries[entry].labelEnd]))
    }

    /// Empties the batch and keeps its memory.
    package mutating func removeAll() {
        labelBytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        exemplars.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
    }

    func withLabels<R>(_ exemplar: Exemplar, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        labelBytes.withUnsafeBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[exemplar.labelStart..<exemplar.labelEnd]))
        }
    }

    private mutating func add(_ entry: Entry) { entries.append(entry) }
}
