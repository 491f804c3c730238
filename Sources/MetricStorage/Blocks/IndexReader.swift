import Durable
import MartletCore

/// A block's index, mapped for reading (see `IndexLayout`).
///
/// The contents, symbols and the table of postings are checked when it is opened, every other entry when it is read. In
/// memory are the places of every 16th symbol and of every 32nd value of each label.
struct IndexReader: Sendable {
    private static let symbolStep = 16
    private static let valueStep = 32

    /// A label name and where its values lie in the postings table.
    struct Name {
        let bytes: [UInt8]
        /// Offsets of every 32nd entry.
        var samples: [Int] = []
        /// Offset behind the last entry.
        var end = 0
    }

    let path: String
    private let map: MappedFile
    private var symbolSamples: [Int] = []
    private var symbolsEnd = 0
    /// Number of symbols.
    private(set) var symbolCount = 0
    private(set) var names: [Name] = []
    private var allPostings: Int?
    private var seriesRange = 0..<0

    /// Bytes of the file.
    var byteCount: Int { map.count }

    init(_ path: String, on fileSystem: any FileSystem) throws(DurableError) {
        self.path = path
        map = try fileSystem.map(path)
        try readContents()
    }

    /// Fails when some of the file cannot be had: to be called before reading, so that the error says so, and after it, since
    /// not all that is read has a checksum.
    func verify() throws(DurableError) { try map.verify() }

    // MARK: Opening

    private mutating func readContents() throws(DurableError) {
        guard map.count >= IndexLayout.headerSize + IndexLayout.contentsSize else {
            throw corrupt(0, "the file is too short for an index")
        }
        let header = map.withBytes { Array($0.prefix(IndexLayout.headerSize)) }
        guard header.starts(with: IndexLayout.magic) else { throw corrupt(0, "this is no index") }
        guard header[4] == IndexLayout.version else {
            throw corrupt(4, "index version \(header[4]) is not supported, only \(IndexLayout.version) is")
        }
        let start = map.count - IndexLayout.contentsSize
        let offsets = try reading(at: start) { (cursor) throws(ByteCursorError) -> [UInt64]? in
            let body = try cursor.bytes(48)
            guard try cursor.u32BE() == CRC32C.checksum(body) else { return nil }
            var contents = ByteCursor(body)
            var offsets: [UInt64] = []
            while !contents.isAtEnd { offsets.append(try contents.u64BE()) }
            return offsets
        }
        guard let offsets else {
            throw corrupt(start, "the checksum of the contents is wrong: the file may be cut off")
        }
        guard offsets.allSatisfy({ $0 <= UInt64(start) }) else {
            throw corrupt(start, "the contents name places outside the file")
        }
        // 0 stands for a section that is not there.
        let places = offsets.map { Int($0) }
        if places[0] > 0 { try readSymbols(places[0]) }
        seriesRange = places[1]..<max(places[1], places[3] > 0 ? places[3] : start)
        if places[5] > 0 { try readTable(places[5]) }
    }

    /// Reads a section's length, checks its checksum and gives where its body lies.
    private func section(at offset: Int) throws(DurableError) -> Range<Int> {
        let body = try reading(at: offset) { (cursor) throws(ByteCursorError) -> Range<Int>? in
            let length = Int(try cursor.u32BE())
            let start = cursor.offset
            let body = try cursor.bytes(length)
            return try cursor.u32BE() == CRC32C.checksum(body) ? start..<start + length : nil
        }
        guard let body else { throw corrupt(offset, "the checksum is wrong") }
        return body
    }

    private mutating func readSymbols(_ offset: Int) throws(DurableError) {
        let body = try section(at: offset)
        var samples: [Int] = []
        let count = try reading(at: body.lowerBound) { (cursor) throws(ByteCursorError) -> Int in
            let count = Int(try cursor.u32BE())
            for index in 0..<count {
                if index % Self.symbolStep == 0 { samples.append(cursor.offset) }
                _ = try cursor.uvarintBytes()
            }
            return count
        }
        symbolCount = count
        symbolSamples = samples
        symbolsEnd = body.upperBound
    }

    private mutating func readTable(_ offset: Int) throws(DurableError) {
        let body = try section(at: offset)
        var names: [Name] = []
        var all: Int?
        try reading(at: body.lowerBound) { (cursor) throws(ByteCursorError) in
            let count = try cursor.u32BE()
            var inName = 0
            for _ in 0..<count {
                let start = cursor.offset
                let (name, _, postings) = try Self.entry(&cursor)
                if name.isEmpty {
                    all = postings
                    continue
                }
                let isSame = names.last.map { $0.bytes.withUnsafeBytes { Bytes.equal($0, name) } } ?? false
                if !isSame {
                    names.append(Name(bytes: Array(name)))
                    inName = 0
                }
                if inName % Self.valueStep == 0 { names[names.count - 1].samples.append(start) }
                names[names.count - 1].end = cursor.offset
                inName += 1
            }
        }
        self.names = names
        allPostings = all
    }

    private static func entry(
        _ cursor: inout ByteCursor
    ) throws(ByteCursorError) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, postings: Int) {
        try cursor.skip(1)
        let name = try cursor.uvarintBytes()
        let value = try cursor.uvarintBytes()
        return (name, value, Int(clamping: try cursor.uvarint()))
    }

    // MARK: Symbols

    /// Where a symbol lies in the file, its length before it. `cache` speeds up repeated questions.
    private func symbolRange(
        _ number: UInt32, _ bytes: UnsafeRawBufferPointer, _ cache: inout SymbolCache
    ) throws(ByteCursorError) -> Range<Int> {
        if let known = cache.find(number) { return known }
        guard number < symbolCount else { throw .truncated(offset: symbolsEnd, needed: Int(number)) }
        var cursor = ByteCursor(bytes, offset: symbolSamples[Int(number) / Self.symbolStep])
        for _ in 0..<Int(number) % Self.symbolStep { _ = try cursor.uvarintBytes() }
        let start = cursor.offset
        _ = try cursor.uvarintBytes()
        cache.add(number, start..<cursor.offset)
        return start..<cursor.offset
    }

    /// The bytes of a symbol.
    func symbol(_ number: UInt32, _ cache: inout SymbolCache) throws(DurableError) -> [UInt8] {
        try reading(at: 0) { (cursor) throws(ByteCursorError) in
            var entry = ByteCursor(cursor.buffer, offset: try symbolRange(number, cursor.buffer, &cache).lowerBound)
            return Array(try entry.uvarintBytes())
        }
    }

    /// A walk over all symbols in order.
    func symbols() -> SymbolWalk { SymbolWalk(map, from: symbolSamples.first ?? 0, count: symbolCount) }

    // MARK: Series

    /// Reads a series: numbers of its symbols (name and value in turn) and its chunks, in place of what `series` holds.
    func read(_ id: UInt32, into series: inout StoredSeries) throws(DurableError) {
        let offset = Int(id) * IndexLayout.seriesAlignment
        guard seriesRange.contains(offset) else { throw corrupt(offset, "a series is named outside the series") }
        let isSound = try reading(at: offset) { (cursor) throws(ByteCursorError) -> Bool in
            let body = try cursor.uvarintBytes()
            guard try cursor.u32BE() == CRC32C.checksum(body) else { return false }
            return try series.decode(body, id)
        }
        guard isSound else { throw corrupt(offset, "a series is malformed or its checksum wrong") }
    }

    /// Appends a series' labels in their canonical encoding.
    func appendLabels(
        _ series: borrowing StoredSeries, to out: inout [UInt8], _ cache: inout SymbolCache
    ) throws(DurableError) {
        try reading(at: 0) { (cursor) throws(ByteCursorError) in
            for symbol in series.labels {
                // A symbol with its length before it is how the canonical encoding has it, too.
                let range = try symbolRange(symbol, cursor.buffer, &cache)
                out.append(contentsOf: cursor.buffer[range])
            }
        }
    }

    // MARK: Labels

    /// All label names in order.
    var labelNames: [[UInt8]] { names.map(\.bytes) }

    /// Visits the values of a label in order, from the first that begins with `prefix` to the last, with the offset of
    /// their postings; until `visit` gives false.
    func forEachValue(
        of name: Name, prefix: [UInt8], _ visit: (UnsafeRawBufferPointer, Int) throws(DurableError) -> Bool
    ) throws(DurableError) {
        var failure: DurableError?
        try reading(at: try lowerBound(name, prefix)) { (cursor) throws(ByteCursorError) in
            while cursor.offset < name.end {
                let (_, value, postings) = try Self.entry(&cursor)
                let order = prefix.withUnsafeBytes { prefix in
                    Bytes.hasPrefix(value, prefix) ? 0 : Bytes.compare(value, prefix)
                }
                if order < 0 { continue }
                if order > 0 { return }
                do throws(DurableError) {
                    if try !visit(value, postings) { return }
                } catch {
                    failure = error
                    return
                }
            }
        }
        if let failure { throw failure }
    }

    /// Visits the values of a label in order.
    func forEachValue(of name: String, _ visit: (UnsafeRawBufferPointer) -> Void) throws(DurableError) {
        guard let name = find(name) else { return }
        try forEachValue(of: name, prefix: []) { (value, _) throws(DurableError) in
            visit(value)
            return true
        }
    }

    /// The offset of the last remembered entry whose value is not behind `value`.
    private func lowerBound(_ name: Name, _ value: [UInt8]) throws(DurableError) -> Int {
        var low = 0
        var high = name.samples.count
        while low < high {
            let middle = (low + high) / 2
            let isBehind = try reading(at: name.samples[middle]) { (cursor) throws(ByteCursorError) in
                let entry = try Self.entry(&cursor)
                return value.withUnsafeBytes { Bytes.compare(entry.value, $0) > 0 }
            }
            if isBehind { high = middle } else { low = middle + 1 }
        }
        return name.samples[max(0, low - 1)]
    }

    private func find(_ name: String) -> Name? {
        Bytes.of(name) { wanted in
            var low = 0
            var high = names.count
            while low < high {
                let middle = (low + high) / 2
                let order = names[middle].bytes.withUnsafeBytes { Bytes.compare($0, wanted) }
                if order == 0 { return names[middle] }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    func postings(at offset: Int) throws(DurableError) -> [UInt32] {
        let list = try reading(at: offset) { (cursor) throws(ByteCursorError) -> [UInt32]? in
            let length = Int(try cursor.u32BE())
            var body = ByteCursor(try cursor.bytes(length))
            guard try cursor.u32BE() == CRC32C.checksum(body.buffer) else { return nil }
            let count = Int(try body.u32BE())
            guard body.remaining == count * 4 else { return nil }
            let ids = body.rest
            var largest: UInt32 = 0
            let list = [UInt32](unsafeUninitializedCapacity: count) { out, initialized in
                for index in 0..<count {
                    let id = UInt32(bigEndian: ids.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
                    largest = max(largest, id)
                    out.initializeElement(at: index, to: id)
                }
                initialized = count
            }
            return largest < bound ? list : nil
        }
        guard let list else { throw corrupt(offset, "a postings list is malformed or its checksum wrong") }
        return list
    }

    // MARK: Errors

    /// Runs a read that starts at an offset; one that would leave the file becomes a `.corrupt` error.
    @inline(__always)
    private func reading<R>(
        at offset: Int, _ body: (inout ByteCursor) throws(ByteCursorError) -> R
    ) throws(DurableError) -> R {
        do throws(ByteCursorError) {
            return try map.withBytes { (bytes) throws(ByteCursorError) in
                var cursor = ByteCursor(bytes, offset: offset)
                return try body(&cursor)
            }
        } catch {
            throw corrupt(offset, "an entry is cut off or malformed")
        }
    }

    private func corrupt(_ offset: Int, _ reason: String) -> DurableError {
        DurableError(.corrupt, path: path, operation: "read index", offset: Int64(offset), message: reason)
    }
}

extension IndexReader: InvertedIndex {
    func allSeries() throws(DurableError) -> [UInt32] {
        guard let allPostings else { return [] }
        return try postings(at: allPostings)
    }

    func union(_ name: String, values: [String]) throws(DurableError) -> [UInt32] {
        guard let found = find(name) else { return [] }
        var lists: [[UInt32]] = []
        for value in values {
            let wanted = Array(value.utf8)
            try forEachValue(of: found, prefix: wanted) { (candidate, offset) throws(DurableError) in
                // Of the values with this prefix, the value itself comes first.
                if candidate.count == wanted.count { lists.append(try postings(at: offset)) }
                return false
            }
        }
        return Postings.union(lists, bound: bound)
    }

    func union(
        _ name: String, prefix: [UInt8], where test: (UnsafeRawBufferPointer) -> Bool
    ) throws(DurableError) -> [UInt32]? {
        guard let found = find(name) else { return nil }
        var lists: [[UInt32]] = []
        try forEachValue(of: found, prefix: prefix) { (value, offset) throws(DurableError) in
            if test(value) { lists.append(try postings(at: offset)) }
            return true
        }
        return Postings.union(lists, bound: bound)
    }

    /// Every series id is below this; the format has no more than 32 bits for them.
    private var bound: UInt32 { UInt32(clamping: seriesRange.upperBound / IndexLayout.seriesAlignment + 1) }
}
