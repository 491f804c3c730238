import LogQL
import MartletCore

/// Entries of one stream as columns: times, one slab of lines, and ids into a table of distinct metadata sets.
package struct LogColumns: Sendable {
    /// Nanoseconds.
    package private(set) var timestamps: [Int64] = []
    /// All lines, one after the other.
    package private(set) var lines: [UInt8] = []
    /// Where each line ends in `lines`.
    package private(set) var lineEnds: [UInt32] = []
    /// The metadata set of each entry.
    package private(set) var metadataIDs: [UInt32] = []
    /// Distinct metadata sets in `Labels`' encoding; set 0 is the empty one.
    package private(set) var setBytes: [UInt8] = []
    /// Where each set ends in `setBytes`.
    package private(set) var setEnds: [UInt32] = [0]
    private var setIDs: [UInt64: UInt32] = [:]
    /// A set that came lately, by a few bits of its bytes: most entries have one of a handful.
    private var recentSets = SIMD8<UInt32>()
    private(set) var minTime = Int64.max
    private(set) var maxTime = Int64.min
    /// Whether times rise strictly, so that there can be no copies.
    private(set) var isStrictlyRising = true

    /// Entries.
    package var count: Int { timestamps.count }
    var isEmpty: Bool { minTime > maxTime }
    /// Bytes of lines and metadata sets.
    var rawBytes: Int { lines.count + setBytes.count }
    /// Lines without bytes count too, or there would be no end of them.
    private static let mostEntries = 1 << 18

    /// Whether there are enough entries for a block of `bytes` of lines.
    func isFull(bytes: Int) -> Bool { rawBytes >= bytes || count >= Self.mostEntries }

    /// What empty columns, their place in a generation and their stream's labels cost, about.
    private static let fixedBytes = 1024

    /// Bytes of memory, about.
    var memoryBytes: Int {
        Self.fixedBytes + timestamps.capacity * 8 + lines.capacity + lineEnds.capacity * 4 + metadataIDs.capacity * 4
            + setBytes.capacity
            + setEnds.capacity * 4 + setIDs.capacity * 16
    }

    /// Columns without entries.
    package init() {}

    /// Columns as a block's decoder has read them, sorted by time.
    init(
        timestamps: [Int64], lines: [UInt8], lineEnds: [UInt32], metadataIDs: [UInt32], setBytes: [UInt8],
        setEnds: [UInt32]
    ) {
        self.timestamps = timestamps
        self.lines = lines
        self.lineEnds = lineEnds
        self.metadataIDs = metadataIDs
        self.setBytes = setBytes
        self.setEnds = setEnds
        minTime = timestamps.first ?? .max
        maxTime = timestamps.last ?? .min
    }

    /// Whether these are the very columns of which `other` is a copy: nothing came to either since.
    package func isSame(as other: LogColumns) -> Bool {
        timestamps.withUnsafeBufferPointer { own in
            other.timestamps.withUnsafeBufferPointer { own.baseAddress == $0.baseAddress && own.count == $0.count }
        }
    }

    /// Forgets all entries and keeps the memory for the next ones.
    mutating func removeAll() {
        timestamps.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        lineEnds.removeAll(keepingCapacity: true)
        metadataIDs.removeAll(keepingCapacity: true)
        setBytes.removeAll(keepingCapacity: true)
        setEnds.removeAll(keepingCapacity: true)
        setEnds.append(0)
        setIDs.removeAll(keepingCapacity: true)
        recentSets = SIMD8()
        minTime = .max
        maxTime = .min
        isStrictlyRising = true
    }

    /// Adds an entry; `metadata` is in `Labels`' encoding.
    package mutating func append(_ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer)
    {
        if timestamp <= maxTime { isStrictlyRising = false }
        if timestamp > maxTime { maxTime = timestamp }
        if timestamp < minTime { minTime = timestamp }
        timestamps.append(timestamp)
        lines.append(contentsOf: line)
        lineEnds.append(UInt32(truncatingIfNeeded: lines.count))
        metadataIDs.append(metadata.isEmpty ? 0 : setID(metadata))
    }

    private mutating func setID(_ set: UnsafeRawBufferPointer) -> UInt32 {
        let place = Self.recentPlace(of: set)
        let recent = recentSets[place]
        if recent != 0, isSet(recent, set) { return recent }
        let id = knownID(set) ?? addSet(set)
        recentSets[place] = id
        return id
    }

    /// The levels, which are the most common sets, have a place each with this factor.
    private static func recentPlace(of set: UnsafeRawBufferPointer) -> Int {
        guard set.count >= 4 else { return 0 }
        let last = UInt32(littleEndian: set.loadUnaligned(fromByteOffset: set.count - 4, as: UInt32.self))
        return Int((last &* 0x69DD_6493) >> 29)
    }

    private func isSet(_ id: UInt32, _ set: UnsafeRawBufferPointer) -> Bool {
        setBytes.withUnsafeBytes { Bytes.equal(Self.set(id, $0, setEnds), set) }
    }

    private func knownID(_ set: UnsafeRawBufferPointer) -> UInt32? {
        setIDs[Hash64.hash(set)].flatMap { isSet($0, set) ? $0 : nil }
    }

    private mutating func addSet(_ set: UnsafeRawBufferPointer) -> UInt32 {
        setBytes.append(contentsOf: set)
        let id = UInt32(truncatingIfNeeded: setEnds.count)
        setEnds.append(UInt32(truncatingIfNeeded: setBytes.count))
        setIDs[Hash64.hash(set)] = id
        return id
    }

    private static func set(_ id: UInt32, _ bytes: UnsafeRawBufferPointer, _ ends: [UInt32]) -> UnsafeRawBufferPointer {
        let start = id == 0 ? 0 : Int(ends[Int(id) - 1])
        return UnsafeRawBufferPointer(rebasing: bytes[start..<Int(ends[Int(id)])])
    }

    /// Appends the entries of `other` whose times lie in `range`.
    mutating func append(_ other: LogColumns, in range: ClosedRange<Int64>) {
        other.withRows { line, set in
            for row in 0..<other.count where range.contains(other.timestamps[row]) {
                append(other.timestamps[row], line(row), set(row))
            }
        }
    }

    /// The same entries in runs of about `bytes` of lines, a run ending where the time changes.
    func split(bytes: Int) -> [LogColumns] {
        guard isFull(bytes: bytes) else { return [self] }
        var runs: [LogColumns] = []
        var run = LogColumns()
        withRows { line, set in
            for row in 0..<count {
                if run.isFull(bytes: bytes), timestamps[row] != run.maxTime {
                    runs.append(run)
                    run = LogColumns()
                }
                run.append(timestamps[row], line(row), set(row))
            }
        }
        return runs + [run]
    }

    /// The entries of some rows, ascending.
    func selecting(_ rows: [UInt32]) -> LogColumns {
        var result = LogColumns()
        withRows { line, set in
            for row in rows { result.append(timestamps[Int(row)], line(Int(row)), set(Int(row))) }
        }
        return result
    }

    private func withRows(
        _ body: ((Int) -> UnsafeRawBufferPointer, (Int) -> UnsafeRawBufferPointer) -> Void
    ) {
        lines.withUnsafeBytes { slab in
            setBytes.withUnsafeBytes { sets in
                body(
                    { row in
                        let start = row == 0 ? 0 : Int(lineEnds[row - 1])
                        return UnsafeRawBufferPointer(rebasing: slab[start..<Int(lineEnds[row])])
                    },
                    { row in Self.set(metadataIDs[row], sets, setEnds) })
            }
        }
    }

    /// The same entries by time, in order of arrival where times are equal, copies (same time, line and metadata) once.
    func normalized() -> LogColumns {
        guard !isStrictlyRising else { return self }
        let order = timestamps.indices.sorted { (timestamps[$0], $0) < (timestamps[$1], $1) }
        var result = LogColumns()
        result.lines.reserveCapacity(lines.count)
        withRows { line, set in
            var seen: Set<UInt64> = []
            var previous: Int64?
            for (place, row) in order.enumerated() {
                let time = timestamps[row]
                let hasTwin =
                    time == previous || place + 1 < order.count && timestamps[order[place + 1]] == time
                if time != previous { seen.removeAll(keepingCapacity: true) }
                previous = time
                if hasTwin {
                    // 64-bit hashes over the few lines of one nanosecond: a false match is beyond concern.
                    let hash = Hash64.hash(line(row), seed: Hash64.hash(set(row)))
                    guard seen.insert(hash).inserted else { continue }
                }
                result.append(time, line(row), set(row))
            }
        }
        // Times may still repeat, but nothing is left to be done.
        result.isStrictlyRising = true
        return result
    }

    /// Calls `body` with a view of the entries in `start..<end` that pass the filters, unless there are none. The columns
    /// must be normalized.
    func visit(
        _ selection: LogSelection, streamID: UInt64, labels: Labels, context: LogQueryContext,
        rows: inout [UInt32], _ body: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) -> LogVisit {
        let first = Self.lowerBound(timestamps, selection.start)
        let last = Self.lowerBound(timestamps, selection.end)
        guard first < last else { return .more }
        let start = first == 0 ? 0 : Int(lineEnds[first - 1])
        context.read(lines: last - first, bytes: Int(lineEnds[last - 1]) - start)
        rows.removeAll(keepingCapacity: true)
        if selection.lineFilters.isEmpty {
            rows.append(contentsOf: UInt32(truncatingIfNeeded: first)..<UInt32(truncatingIfNeeded: last))
        } else {
            try lines.withUnsafeBufferPointer { (slab) throws(LogQueryError) in
                try lineEnds.withUnsafeBufferPointer { (ends) throws(LogQueryError) in
                    try LineFilter.select(
                        selection.lineFilters, range: first..<last, lines: UnsafeRawBufferPointer(slab), lineEnds: ends,
                        into: &rows, context: context)
                }
            }
        }
        if var check = LabelHintCheck(selection.labelHints, stream: labels) {
            let passing = setBytes.withUnsafeBytes { sets in
                setEnds.indices.map { check.mayPass(Self.set(UInt32($0), sets, setEnds)) }
            }
            rows.removeAll { !passing[Int(metadataIDs[Int($0)])] }
        }
        return try visit(rows, streamID: streamID, labels: labels, context: context, body)
    }

    /// Calls `body` with a view of some entries, unless there are none.
    func visit(
        _ rows: [UInt32], streamID: UInt64, labels: Labels, context: LogQueryContext,
        _ body: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) -> LogVisit {
        guard !rows.isEmpty else { return .more }
        context.kept(lines: rows.count)
        return try withBatch(streamID: streamID, labels: labels, rows: rows, body)
    }

    private func withBatch<R>(
        streamID: UInt64, labels: Labels, rows: [UInt32], _ body: (LogBatch) throws(LogQueryError) -> R
    ) throws(LogQueryError) -> R {
        // The arrays' own accessors nest the pointers' lifetimes around the call.
        try timestamps.withUnsafeBufferPointer { (times) throws(LogQueryError) -> R in
            try lines.withUnsafeBufferPointer { (slab) throws(LogQueryError) -> R in
                try lineEnds.withUnsafeBufferPointer { (ends) throws(LogQueryError) -> R in
                    try setBytes.withUnsafeBufferPointer { (sets) throws(LogQueryError) -> R in
                        try setEnds.withUnsafeBufferPointer { (setEnds) throws(LogQueryError) -> R in
                            try metadataIDs.withUnsafeBufferPointer { (ids) throws(LogQueryError) -> R in
                                try rows.withUnsafeBufferPointer { (rows) throws(LogQueryError) -> R in
                                    try body(
                                        LogBatch(
                                            streamID: streamID, labels: labels, timestamps: times,
                                            lines: UnsafeRawBufferPointer(slab), lineEnds: ends,
                                            metadataSets: UnsafeRawBufferPointer(sets), metadataEnds: setEnds,
                                            metadataIDs: ids, rows: rows))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The first index whose time is not below `time`, in ascending `times`.
    static func lowerBound(_ times: [Int64], _ time: Int64) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
