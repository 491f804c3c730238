import Durable
import MartletCore

/// Writes a block's index from front to back (see `IndexLayout`): first all symbols in order, then all series in order
/// of their labels, then `finish`.
///
/// What it holds in memory are the postings (see `PostingsBuilder`) and the places of the symbols, 8 bytes each.
struct IndexWriter {
    private let path: String
    private let fileSystem: any FileSystem
    private var file: SequentialFile
    private var symbolOffsets: [Int] = []
    private var symbolsEnd = 0
    private var symbols: MappedFile?
    private var postings = PostingsBuilder()
    private var lastLabels: [UInt32] = []
    private var entry = ByteWriter()

    init(_ path: String, on fileSystem: any FileSystem) throws(DurableError) {
        self.path = path
        self.fileSystem = fileSystem
        file = try SequentialFile(path, on: fileSystem)
        try file.append(IndexLayout.magic + [IndexLayout.version])
        // Length and count of the symbols, known later.
        try file.append([UInt8](repeating: 0, count: 8))
    }

    // MARK: Symbols

    /// Adds the next symbol in bytewise order and gives its number.
    mutating func addSymbol(_ symbol: UnsafeRawBufferPointer) throws(DurableError) -> UInt32 {
        symbolOffsets.append(file.count)
        entry.bytes.removeAll(keepingCapacity: true)
        entry.uvarintBytes(symbol)
        try file.append(entry.bytes)
        return UInt32(symbolOffsets.count - 1)
    }

    /// To be called after the last symbol and before the first series.
    mutating func finishSymbols() throws(DurableError) {
        symbolsEnd = file.count
        try file.flush()
        var head = ByteWriter()
        head.u32BE(UInt32(truncatingIfNeeded: symbolsEnd - IndexLayout.headerSize - 4))
        head.u32BE(UInt32(symbolOffsets.count))
        guard symbolsEnd - IndexLayout.headerSize <= Int(UInt32.max) else { throw tooLarge("symbols") }
        try file.file.write(head.bytes, at: Int64(IndexLayout.headerSize))
        let map = try fileSystem.map(path)
        let checksum = map.withBytes { bytes in
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[(IndexLayout.headerSize + 4)..<symbolsEnd]))
        }
        symbols = map
        var tail = ByteWriter()
        tail.u32BE(checksum)
        try file.append(tail.bytes)
    }

    // MARK: Series

    /// Adds a series: symbols of its names and values in turn, and its chunks by time. Series must come in order. Gives
    /// its number.
    mutating func addSeries(_ labels: [UInt32], _ chunks: [StoredChunk]) throws(DurableError) -> UInt32 {
        guard lastLabels.lexicographicallyPrecedes(labels) || postings.all.isEmpty else {
            throw DurableError(
                .corrupt, path: path, operation: "write index", message: "series do not come in order of their labels")
        }
        lastLabels = labels
        try file.align(IndexLayout.seriesAlignment)
        guard file.count < IndexLayout.sizeLimit else { throw tooLarge("series") }
        let id = UInt32(file.count / IndexLayout.seriesAlignment)
        entry.bytes.removeAll(keepingCapacity: true)
        entry.uvarint(UInt64(labels.count / 2))
        for symbol in labels { entry.uvarint(UInt64(symbol)) }
        encode(chunks)
        try writeEntry()
        postings.add(id, labels)
        return id
    }

    private mutating func encode(_ chunks: [StoredChunk]) {
        entry.uvarint(UInt64(chunks.count))
        var previous: StoredChunk?
        for chunk in chunks {
            if let previous {
                entry.uvarint(UInt64(bitPattern: chunk.minTime &- previous.maxTime))
                entry.uvarint(UInt64(bitPattern: chunk.maxTime &- chunk.minTime))
                entry.varint(Int64(bitPattern: chunk.ref &- previous.ref))
            } else {
                entry.varint(chunk.minTime)
                entry.uvarint(UInt64(bitPattern: chunk.maxTime &- chunk.minTime))
                entry.uvarint(chunk.ref)
            }
            previous = chunk
        }
    }

    /// Writes the gathered bytes with their length before and their checksum behind them.
    private mutating func writeEntry() throws(DurableError) {
        var head = ByteWriter()
        head.uvarint(UInt64(entry.count))
        let checksum = entry.bytes.withUnsafeBytes { CRC32C.checksum($0) }
        entry.u32BE(checksum)
        try file.append(head.bytes)
        try file.append(entry.bytes)
    }

    // MARK: Postings

    /// Writes postings, their table and the contents, and syncs the file.
    mutating func finish() throws(DurableError) {
        let seriesEnd = file.count
        try file.align(4)
        let postingsStart = file.count
        // The table's entries are gathered while the lists are written.
        var table = ByteWriter()
        let offset = try writePostings(postings.all[...])
        table.append([2, 0, 0])
        table.uvarint(UInt64(offset))
        var count: UInt32 = 1
        let postings = self.postings
        try postings.forEach { (name, value, ids) throws(DurableError) in
            let offset = try writePostings(ids)
            table.u8(2)
            table.append(symbol(name))
            table.append(symbol(value))
            table.uvarint(UInt64(offset))
            count += 1
        }
        try file.align(4)
        let tableStart = file.count
        try writeTable(table.bytes, count)
        var contents = ByteWriter()
        for offset in [IndexLayout.headerSize, symbolsEnd + 4, seriesEnd, postingsStart, tableStart, tableStart] {
            contents.u64BE(UInt64(offset))
        }
        let checksum = contents.bytes.withUnsafeBytes { CRC32C.checksum($0) }
        contents.u32BE(checksum)
        try file.append(contents.bytes)
        try file.finish()
    }

    private mutating func writePostings(_ ids: ArraySlice<UInt32>) throws(DurableError) -> Int {
        try file.align(4)
        let offset = file.count
        guard ids.count < Int(UInt32.max) / 4 else { throw tooLarge("postings") }
        entry.bytes.removeAll(keepingCapacity: true)
        entry.u32BE(UInt32(4 + ids.count * 4))
        entry.u32BE(UInt32(ids.count))
        for id in ids { entry.u32BE(id) }
        let checksum = entry.bytes.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[4...])) }
        entry.u32BE(checksum)
        try file.append(entry.bytes)
        return offset
    }

    private mutating func writeTable(_ entries: [UInt8], _ count: UInt32) throws(DurableError) {
        guard entries.count + 4 <= Int(UInt32.max) else { throw tooLarge("label pairs") }
        var head = ByteWriter()
        head.u32BE(UInt32(entries.count + 4))
        head.u32BE(count)
        var checksum = head.bytes.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[4...])) }
        checksum = entries.withUnsafeBytes { CRC32C.checksum($0, seed: checksum) }
        try file.append(head.bytes)
        try file.append(entries)
        head.bytes.removeAll()
        head.u32BE(checksum)
        try file.append(head.bytes)
    }

    /// A symbol as it was written, its length before it.
    private func symbol(_ number: UInt32) -> [UInt8] {
        let start = symbolOffsets[Int(number)]
        let end = Int(number) + 1 < symbolOffsets.count ? symbolOffsets[Int(number) + 1] : symbolsEnd
        return symbols?.withBytes { Array($0[start..<end]) } ?? []
    }

    private func tooLarge(_ what: String) -> DurableError {
        DurableError(
            .tooLarge, path: path, operation: "write index", message: "the index format has no room for so many \(what)"
        )
    }
}
