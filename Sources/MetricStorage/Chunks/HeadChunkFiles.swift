import Durable
import Logging
import MartletCore

/// The files of closed chunks in `chunks_head/` (see `ChunkSlab` for the layout): written when slabs are full, read at
/// start so that the replay of the log passes over what they hold.
///
/// All that is in them is in the log, too, so that a damaged file and those behind it can be removed. A file is synced
/// before the next is begun: a hole in the middle would keep the log's samples out.
struct HeadChunkFiles: Sendable {
    let directory: String
    let fileSystem: any FileSystem
    let logger: Logger

    init(_ path: String, logger: Logger, on fileSystem: any FileSystem) {
        directory = FilePath.join(path, "chunks_head")
        self.fileSystem = fileSystem
        self.logger = logger
    }

    /// What the files hold: slabs of consecutive numbers, and the newest chunk of every series.
    struct Content {
        var slabs: [ChunkSlab] = []
        var first = 1
        var newest: [UInt64: (address: ChunkAddress, last: Int64)] = [:]
        /// The highest reference of a series.
        var lastSeries: UInt64 = 0
        /// Chunks of out-of-order samples: series and place.
        var outOfOrder: [(series: UInt64, address: ChunkAddress)] = []
    }

    /// Reads all files.
    func load() throws(DurableError) -> Content {
        try fileSystem.makeDirectories(directory)
        var content = Content()
        let numbers = try numbers()
        content.first = numbers.first ?? 1
        for (index, number) in numbers.enumerated() {
            do throws(DurableError) {
                guard number == content.first + index else {
                    throw DurableError(
                        .corrupt, path: path(number), operation: "read head chunks",
                        message: "the file before it, \(Self.name(content.first + index)), is missing")
                }
                try load(number, &content)
            } catch  where error.code == .corrupt {
                logger.warning(
                    "a file of head chunks is damaged: it is removed with those behind it, the log has their samples",
                    metadata: ["error": "\(error)"])
                for bad in numbers[index...] { try fileSystem.unlink(path(bad)) }
                try fileSystem.syncDirectory(directory)
                break
            }
        }
        return content
    }

    /// Writes a slab and gives it back as its file holds it.
    func write(_ slab: ChunkSlab, _ number: Int) throws(DurableError) -> ChunkSlab {
        let path = path(number)
        do throws(DurableError) {
            let file = try fileSystem.open(path, .truncate)
            try file.write(slab.bytes, at: 0)
            try file.syncData()
            try fileSystem.syncDirectory(directory)
            return ChunkSlab(try fileSystem.map(path), entries: slab.allEntries)
        } catch {
            // Half a file would stand in the way of the next.
            try? fileSystem.unlink(path)
            throw error
        }
    }

    /// Removes the files before a number.
    func remove(before number: Int) throws(DurableError) {
        for old in try numbers() where old < number { try fileSystem.unlink(path(old)) }
    }

    private func numbers() throws(DurableError) -> [Int] {
        try fileSystem.list(directory).filter { $0.utf8.allSatisfy { (48...57).contains($0) } }.compactMap { Int($0) }
            .sorted()
    }

    private func path(_ number: Int) -> String { FilePath.join(directory, Self.name(number)) }

    private static func name(_ number: Int) -> String { ChunkSegmentWriter.name(number - 1) }

    private func load(_ number: Int, _ content: inout Content) throws(DurableError) {
        let file = try fileSystem.map(path(number))
        var entries: [ChunkSlab.Entry] = []
        let fault = file.withBytes { bytes in
            Self.walk(bytes) { chunk, data in
                content.add(chunk, data.count, ChunkAddress(slab: number, index: entries.count), &entries)
            }
        }
        if let fault {
            for entry in entries.reversed() { content.forget(entry, number) }
            throw DurableError(
                .corrupt, path: path(number), operation: "read head chunks", offset: Int64(fault.offset),
                message: fault.reason)
        }
        content.slabs.append(ChunkSlab(file, entries: entries))
    }

    /// What stands before a chunk's data in a file.
    struct Chunk {
        let series: UInt64
        let first: Int64
        let last: Int64
        /// With the bit for samples out of order.
        let encoding: UInt8
        /// Where the data begins.
        let offset: Int
    }

    /// Visits the chunks of a file up to a fault, of which it gives the place and the reason.
    static func walk(
        _ bytes: UnsafeRawBufferPointer, _ visit: (Chunk, UnsafeRawBufferPointer) -> Void
    ) -> (offset: Int, reason: String)? {
        guard bytes.starts(with: ChunkSlab.magic.prefix(5)), bytes.count >= ChunkSlab.magic.count else {
            return (0, "this is no file of version 1")
        }
        var cursor = ByteCursor(bytes, offset: ChunkSlab.magic.count)
        var start = cursor.offset
        do throws(ByteCursorError) {
            while !cursor.isAtEnd {
                start = cursor.offset
                // What Prometheus has reserved and not used.
                if cursor.rest.prefix(24).allSatisfy({ $0 == 0 }) { return nil }
                let series = try cursor.u64BE()
                let first = Int64(bitPattern: try cursor.u64BE())
                let last = Int64(bitPattern: try cursor.u64BE())
                let encoding = try cursor.u8()
                let data = try cursor.uvarintBytes()
                let end = cursor.offset
                let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                guard try cursor.u32BE() == checksum else { return (start, "a chunk's checksum is wrong") }
                guard first <= last else { return (start, "a chunk ends before it begins") }
                visit(
                    Chunk(series: series, first: first, last: last, encoding: encoding, offset: end - data.count), data)
            }
            return nil
        } catch {
            return (start, "a chunk is cut off: \(error)")
        }
    }
}

extension HeadChunkFiles.Content {
    fileprivate mutating func add(
        _ chunk: HeadChunkFiles.Chunk, _ count: Int, _ address: ChunkAddress, _ entries: inout [ChunkSlab.Entry]
    ) {
        let isOutOfOrder = chunk.encoding & ChunkSlab.outOfOrder != 0
        let before = isOutOfOrder ? nil : newest[chunk.series]
        entries.append(
            ChunkSlab.Entry(
                previous: before?.address ?? .none, series: chunk.series, first: chunk.first, last: chunk.last,
                offset: UInt32(chunk.offset), count: UInt32(count), encoding: chunk.encoding & ~ChunkSlab.outOfOrder))
        lastSeries = max(lastSeries, chunk.series)
        if isOutOfOrder {
            outOfOrder.append((chunk.series, address))
        } else if chunk.first > before?.last ?? .min {
            newest[chunk.series] = (address, chunk.last)
        }
    }

    /// Takes back the newest chunk of its series, since its file is damaged.
    fileprivate mutating func forget(_ entry: ChunkSlab.Entry, _ number: Int) {
        outOfOrder.removeAll { $0.address.slab == number }
        guard newest[entry.series]?.address.slab == number else { return }
        if entry.previous == .none {
            newest[entry.series] = nil
        } else if entry.previous.slab < number, entry.previous.slab >= first {
            newest[entry.series] = (entry.previous, slabs[entry.previous.slab - first][entry.previous.index].last)
        }
    }
}
