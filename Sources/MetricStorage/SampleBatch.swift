package import MartletCore

/// Samples on their way into the store, as columns: series, each with a run of samples.
///
/// A series is named by its canonical label bytes or, by who has met it before, by its reference.
package struct SampleBatch: Sendable {
    struct Entry: Sendable {
        var ref: SeriesRef
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

    private(set) var labelBytes: [UInt8] = []
    private(set) var exemplars: [Exemplar] = []
    private(set) var entries: [Entry] = []
    private(set) var times: [Int64] = []
    private(set) var values: [UInt64] = []

    /// An empty batch.
    package init() {}

    /// Number of series entries.
    package var count: Int { entries.count }
    /// Number of samples.
    package var sampleCount: Int { times.count }

    /// Starts an entry for the series with these canonical label bytes (see `Labels.bytes`). Its samples follow.
    package mutating func begin(labels: UnsafeRawBufferPointer) {
        let start = labelBytes.count
        labelBytes.append(contentsOf: labels)
        add(
            Entry(
                ref: .none, hash: Hash64.hash(labels), labelStart: start, labelEnd: labelBytes.count,
                sampleStart: times.count, sampleEnd: times.count))
    }

    /// Starts an entry for a series that is known. When it was dropped meanwhile its samples are rejected with
    /// `.unknownSeries`.
    package mutating func begin(ref: SeriesRef) {
        let start = labelBytes.count
        add(
            Entry(
                ref: ref, hash: 0, labelStart: start, labelEnd: start, sampleStart: times.count, sampleEnd: times.count)
        )
    }

    /// Adds a sample to the last entry: milliseconds since the epoch, and the value with its exact bits.
    package mutating func add(_ timeMs: Int64, _ value: Double) {
        guard !entries.isEmpty else { return }
        times.append(timeMs)
        values.append(value.bitPattern)
        entries[entries.count - 1].sampleEnd = times.count
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

    /// The labels of an entry that was begun with labels.
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
    }

    mutating func setRef(_ entry: Int, _ ref: SeriesRef) { entries[entry].ref = ref }

    func withLabels<R>(_ exemplar: Exemplar, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        labelBytes.withUnsafeBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[exemplar.labelStart..<exemplar.labelEnd]))
        }
    }

    func withLabels<R>(_ entry: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        labelBytes.withUnsafeBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[entries[entry].labelStart..<entries[entry].labelEnd]))
        }
    }

    private mutating func add(_ entry: Entry) { entries.append(entry) }
}
