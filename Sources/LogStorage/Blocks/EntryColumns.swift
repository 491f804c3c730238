import Compression
import MartletCore

/// The times and the metadata of a block's entries.
///
/// Directory: u8 power of ten; u8 width and as many runs, the bytes of each time minus the one before, divided by that
/// power, one less than there are entries; uvarint metadata sets; u8 width and as many runs, the bytes of each entry's set
/// number; a run of uvarint lengths of the sets; a run of the sets in `Labels`' encoding.
struct EntryColumns {
    private let header: BlockHeader
    private let divisor: UInt64
    private let timeRuns: [ByteRun.Place]
    private let setCount: UInt64
    private let setRuns: [ByteRun.Place]
    private let lengthRun: ByteRun.Place
    private let byteRun: ByteRun.Place

    // MARK: Writing

    static func write(_ columns: LogColumns, to writer: inout ByteRun.Writer) throws(CompressionError) {
        var differences = RawArray<UInt64>(capacity: columns.count)
        var previous = columns.minTime
        for time in columns.timestamps.dropFirst() {
            differences.append(UInt64(bitPattern: time &- previous))
            previous = time
        }
        var power: UInt8 = 9
        var divisor: UInt64 = 1_000_000_000
        for difference in differences.elements where divisor > 1 {
            while difference % divisor != 0 {
                power -= 1
                divisor /= 10
            }
        }
        if divisor > 1 { for index in 0..<differences.count { differences[index] /= divisor } }
        writer.directory.u8(power)
        try write(differences.elements, to: &writer)
        writer.directory.uvarint(UInt64(columns.setEnds.count))
        // The array's own accessor keeps the error's type.
        try columns.metadataIDs.withUnsafeBufferPointer { (ids) throws(CompressionError) in try write(ids, to: &writer)
        }
        var lengths = ByteWriter()
        var start: UInt32 = 0
        for end in columns.setEnds {
            lengths.uvarint(UInt64(end - start))
            start = end
        }
        try writer.append(lengths.bytes)
        try writer.append(columns.setBytes)
    }

    private static func write<Number: FixedWidthInteger & UnsignedInteger>(
        _ numbers: UnsafeBufferPointer<Number>, to writer: inout ByteRun.Writer
    ) throws(CompressionError) {
        let width = BytePlane.width(UInt64(numbers.max() ?? 0))
        writer.directory.u8(UInt8(width))
        for plane in 0..<width { try writer.append(BytePlane.bytes(numbers, plane)) }
    }

    // MARK: Reading

    /// Reads the directory. Nothing is unpacked before it is asked for: as a rule a search finds nothing in a block.
    init(_ reader: inout ByteRun.Reader, _ header: BlockHeader) throws {
        self.header = header
        let power = try reader.directory.u8()
        guard power <= 9 else { throw LogStorageError.corruptBlock("times in units of 10^\(power) ns") }
        divisor = (0..<power).reduce(UInt64(1)) { product, _ in product * 10 }
        timeRuns = try Self.runs(&reader, count: header.count - 1)
        setCount = try reader.directory.uvarint()
        guard setCount > 0, setCount <= UInt64(header.count) + 1 else {
            throw LogStorageError.corruptBlock("\(setCount) metadata sets of \(header.count) entries")
        }
        setRuns = try Self.runs(&reader, count: header.count)
        lengthRun = try reader.next()
        byteRun = try reader.next(count: header.setBytes)
    }

    private static func runs(_ reader: inout ByteRun.Reader, count: Int) throws -> [ByteRun.Place] {
        let width = Int(try reader.directory.u8())
        guard width <= 8 else { throw LogStorageError.corruptBlock("numbers of \(width) bytes") }
        return try (0..<width).map { _ in try reader.next(count: count) }
    }

    private static func numbers(_ runs: [ByteRun.Place], count: Int) throws -> RawMemory {
        let memory = RawMemory(count * 8)
        let numbers = memory.pointer(UInt64.self)
        if runs.isEmpty { numbers.initialize(repeating: 0, count: count) }
        for (plane, run) in runs.enumerated() {
            let plain = try ByteRun.view(run)
            defer { plain.keep() }
            if plane == 0 {
                for index in 0..<count { numbers[index] = UInt64(plain.bytes[index]) }
            } else {
                let shift = UInt64(plane * 8)
                for index in 0..<count { numbers[index] |= UInt64(plain.bytes[index]) << shift }
            }
        }
        return memory
    }

    /// A walk over the times, where it can be had.
    func walk() throws -> TimeWalk? {
        timeRuns.count <= TimeWalk.mostPlanes ? try TimeWalk(timeRuns, header: header, divisor: divisor) : nil
    }

    /// The times, ascending.
    func timestamps() throws -> [Int64] {
        let differences = try Self.numbers(timeRuns, count: header.count - 1)
        defer { differences.keep() }
        let steps = differences.pointer(UInt64.self)
        // Taken as a bit pattern, a step may lead from the lowest times to the highest.
        var time = header.minTime
        var rises = true
        let timestamps = [Int64](unsafeUninitializedCapacity: header.count) { out, count in
            out.initializeElement(at: 0, to: time)
            for index in 1..<max(1, header.count) {
                let (step, isTooLong) = steps[index - 1].multipliedReportingOverflow(by: divisor)
                let next = time &+ Int64(bitPattern: step)
                rises = rises && !isTooLong && next >= time
                time = next
                out.initializeElement(at: index, to: next)
            }
            count = header.count
        }
        guard rises else { throw LogStorageError.corruptBlock("times do not rise") }
        guard time == header.maxTime else { throw LogStorageError.corruptBlock("times end elsewhere than it says") }
        return timestamps
    }

    /// The set number of each entry.
    func metadataIDs() throws -> [UInt32] {
        let memory = try Self.numbers(setRuns, count: header.count)
        defer { memory.keep() }
        let numbers = memory.pointer(UInt64.self)
        var largest: UInt64 = 0
        let ids = [UInt32](unsafeUninitializedCapacity: header.count) { out, count in
            for index in 0..<header.count {
                largest = max(largest, numbers[index])
                out.initializeElement(at: index, to: UInt32(truncatingIfNeeded: numbers[index]))
            }
            count = header.count
        }
        guard largest < setCount else { throw LogStorageError.corruptBlock("an entry without metadata set") }
        return ids
    }

    /// The metadata sets in `Labels`' encoding.
    func sets() throws -> [[UInt8]] {
        let bytes = try ByteRun.unpack(byteRun)
        defer { bytes.keep() }
        var start = 0
        return try setEnds().map { end in
            defer { start = Int(end) }
            return [UInt8](UnsafeRawBufferPointer(rebasing: bytes.bytes[start..<Int(end)]))
        }
    }

    /// The rows whose metadata set passes, nil when all sets do.
    func rows(where passes: (UnsafeRawBufferPointer) -> Bool) throws -> RowSet? {
        let passing = try sets().map { $0.withUnsafeBytes(passes) }
        if !passing.contains(false) { return nil }
        guard passing.contains(true) else { return RowSet(header.count) }
        guard setRuns.count == 1 else {
            let ids = try metadataIDs()
            return RowSet(header.count) { passing[Int(ids[$0])] }
        }
        // As a rule there are few sets, and their numbers are bytes.
        let ids = try ByteRun.view(setRuns[0])
        defer { ids.keep() }
        let isIn = passing + [Bool](repeating: false, count: max(0, 256 - passing.count))
        var largest: UInt8 = 0
        let rows = isIn.withUnsafeBufferPointer { isIn in
            RowSet(header.count) { row in
                largest = max(largest, ids.bytes[row])
                return isIn[Int(ids.bytes[row])]
            }
        }
        guard UInt64(largest) < setCount else { throw LogStorageError.corruptBlock("an entry without metadata set") }
        return rows
    }

    /// Whether any entry's metadata has a label of this name.
    func hasMetadata(_ name: String) throws -> Bool {
        guard header.setBytes > 0 else { return false }
        let wanted = Array(name.utf8)
        return try sets().contains { set in
            set.withUnsafeBytes { set in
                var walk = LabelWalk(set)
                while let (name, _) = walk.next() { if name.elementsEqual(wanted) { return true } }
                return false
            }
        }
    }

    private func setEnds() throws -> [UInt32] {
        let lengths = try ByteRun.unpack(lengthRun)
        defer { lengths.keep() }
        var cursor = ByteCursor(lengths.bytes)
        var ends: [UInt32] = []
        var size = 0
        for _ in 0..<setCount {
            let length = try cursor.uvarint()
            guard length <= UInt64(header.setBytes - size) else {
                throw LogStorageError.corruptBlock("a metadata set of \(length) bytes")
            }
            size += Int(length)
            ends.append(UInt32(size))
        }
        guard size == header.setBytes else { throw LogStorageError.corruptBlock("lengths do not add up") }
        return ends
    }

    /// Whether all times lie from `start` to before `end`, or to the last.
    func liesWithin(_ start: Int64, _ end: Int64?) -> Bool {
        start <= header.minTime && end.map({ $0 > header.maxTime }) ?? true
    }

    /// The rows of the times from `start` to before `end`, or to the last.
    func rows(_ start: Int64, _ end: Int64?) throws -> Range<Int> {
        liesWithin(start, end) ? 0..<header.count : Self.rows(start, end, of: try timestamps())
    }

    /// The same where the times are at hand.
    static func rows(_ start: Int64, _ end: Int64?, of timestamps: [Int64]) -> Range<Int> {
        let first = LogColumns.lowerBound(timestamps, start)
        let last = end.map { LogColumns.lowerBound(timestamps, $0) } ?? timestamps.count
        return first..<max(first, last)
    }

    /// The entries of some rows, with their lines.
    func columns(_ rows: [Int], lines: [UInt8], lineEnds: [UInt32]) throws -> LogColumns {
        guard !rows.isEmpty else { return LogColumns() }
        let times = try timestamps()
        let ids = try metadataIDs()
        let sets = try ByteRun.unpack(byteRun)
        defer { sets.keep() }
        let isAll = rows.count == header.count
        return LogColumns(
            timestamps: isAll ? times : rows.map { times[$0] }, lines: lines, lineEnds: lineEnds,
            metadataIDs: isAll ? ids : rows.map { ids[$0] }, setBytes: [UInt8](sets.bytes), setEnds: try setEnds())
    }
}
