import Compression
import Durable
import MartletCore
import Synchronization

/// A part on disk, open for reading. Its pages are checked when they are read: a page without compression once, the others
/// each time.
final class PartFile: Sendable {
    /// Tells the file from every other one that this process has opened: caches outlive files, whose addresses and names may
    /// come again.
    let serial: UInt64
    let path: String
    let footer: PartFooter
    /// Bytes of the file.
    let size: Int
    /// Number of the first trace of each group, and the number of all traces as the last element.
    let firstTraces: [Int]
    private let bytes: PartBytes
    /// Offsets of the pages without compression that were found sound, and `losses` when they were.
    private let sound = Lock<(losses: UInt64, pages: Set<UInt64>)>((0, []))
    /// Whether the file was found cut.
    private let isCut = Atomic<Bool>(false)
    /// How often a trace was asked for by id, by group.
    private let lookups: Lock<[Int]>
    private static let opened = Lock<UInt64>(0)

    var segments: SegmentSpan { footer.segments }

    /// Opens a part and checks its footer.
    ///
    /// - Throws: `PartDamage`, `DurableError`.
    convenience init(_ path: String, on fileSystem: any FileSystem) throws {
        try self.init(path, .mapped(try fileSystem.map(path)))
        // Asked for every new trace, so checked once and for all.
        _ = try withPage(footer.filter) { _ in }
    }

    /// Opens a part that lies elsewhere, and checks its footer.
    convenience init(_ file: any ReadableFile, size: Int, pages: RemotePages) throws(PartDamage) {
        try self.init(file.path, .remote(file, size: size, pages: pages))
    }

    private init(_ path: String, _ bytes: PartBytes) throws(PartDamage) {
        self.path = path
        self.bytes = bytes
        serial = Self.opened.withLock { count in
            count += 1
            return count
        }
        size = bytes.count
        footer = try Self.footer(bytes, path)
        var firsts = [0]
        for group in footer.groups { firsts.append(firsts[firsts.count - 1] + group.traces) }
        firstTraces = firsts
        lookups = Lock([Int](repeating: 0, count: footer.groups.count))
    }

    private static func footer(_ bytes: PartBytes, _ path: String) throws(PartDamage) -> PartFooter {
        func checked<Value>(_ body: () throws(PartFormatError) -> Value) throws(PartDamage) -> Value {
            do throws(PartFormatError) { return try body() } catch {
                throw PartDamage(path: path, reason: error.description)
            }
        }
        let tail = PartWriter.tailBytes
        let size = bytes.count
        guard size >= 8 + tail else { throw PartDamage(path: path, reason: "the file is too short") }
        let frame = try bytes.withBytes(size - tail..<size, path: path) { tail throws(PartDamage) in
            try checked { () throws(PartFormatError) in try FooterFrame(tail, fileSize: size) }
        }
        let version = try bytes.withBytes(0..<8, path: path) { front throws(PartDamage) in
            try checked { () throws(PartFormatError) in try Self.checkFront(front) }
        }
        return try bytes.withBytes(frame.range, path: path) { bytes throws(PartDamage) in
            try checked { () throws(PartFormatError) in
                let content = try frame.content(bytes)
                return try Bytes.of(content) { bytes throws(PartFormatError) in
                    try PartFooter(decoding: bytes, version: version)
                }
            }
        }
    }

    /// The version.
    private static func checkFront(_ bytes: UnsafeRawBufferPointer) throws(PartFormatError) -> UInt8 {
        guard bytes.prefix(4).elementsEqual(PartWriter.magic) else {
            throw PartFormatError("the file does not begin and end with \"MTRP\"")
        }
        guard (1...PartWriter.version).contains(bytes[4]) else {
            throw PartFormatError("version \(bytes[4]) is not known, only 1 to \(PartWriter.version)")
        }
        return bytes[4]
    }

    /// Where the footer lies, as the last bytes of a file tell.
    private struct FooterFrame {
        let range: Range<Int>
        private let unpacked: Int
        private let checksum: UInt32
        /// The part of the last bytes that the checksum is over, too.
        private let numbers: [UInt8]

        init(_ tail: UnsafeRawBufferPointer, fileSize: Int) throws(PartFormatError) {
            guard tail.suffix(4).elementsEqual(PartWriter.magic) else {
                throw PartFormatError("the file does not begin and end with \"MTRP\"")
            }
            var cursor = ByteCursor(tail)
            let (offset, packed, unpacked, checksum) = try PartFormatError.reading { () throws(ByteCursorError) in
                (try cursor.u64LE(), try cursor.u32LE(), try cursor.u32LE(), try cursor.u32LE())
            }
            let end = fileSize - tail.count
            guard offset >= 8, offset <= UInt64(fileSize), UInt64(packed) + offset == UInt64(end) else {
                throw PartFormatError("the footer does not lie in the file")
            }
            range = Int(offset)..<end
            self.unpacked = Int(unpacked)
            self.checksum = checksum
            numbers = Array(tail.prefix(16))
        }

        func content(_ frame: UnsafeRawBufferPointer) throws(PartFormatError) -> [UInt8] {
            let found = numbers.withUnsafeBytes { CRC32C.checksum($0, seed: CRC32C.checksum(frame)) }
            guard found == checksum else { throw PartFormatError("the footer's checksum does not match") }
            do throws(CompressionError) {
                return try Zstd.decompress(frame, limit: unpacked)
            } catch {
                throw PartFormatError("the footer is not readable: \(error)")
            }
        }
    }

    // MARK: Pages

    private func damage(_ page: PageReference, _ reason: String) -> PartDamage {
        PartDamage(path: path, reason: "page at offset \(page.offset): \(reason)")
    }

    /// The bytes of a page in the file, for the time of the call.
    private func withStored<Result>(
        _ page: PageReference, _ body: (UnsafeRawBufferPointer) throws(PartDamage) -> Result
    ) throws(PartDamage) -> Result {
        guard page.offset <= UInt64(size), UInt64(page.packed) <= UInt64(size) - page.offset else {
            throw damage(page, "it does not lie in the file")
        }
        let start = Int(page.offset)
        return try bytes.withBytes(start..<start + Int(page.packed), path: path, body)
    }

    /// The content of a page.
    func content(_ page: PageReference) throws(PartDamage) -> [UInt8] {
        try withStored(page) { bytes throws(PartDamage) in
            let known = losses
            try check(bytes, page)
            let content: [UInt8]
            do throws(CompressionError) {
                content =
                    page.packed == page.unpacked
                    ? Array(bytes) : try Zstd.decompress(bytes, limit: Int(page.unpacked))
                guard content.count == Int(page.unpacked) else { throw .corrupt }
            } catch {
                throw damage(page, "\(error)")
            }
            try checkStillThere(page, losses: known)
            return content
        }
    }

    private func check(_ bytes: UnsafeRawBufferPointer, _ page: PageReference) throws(PartDamage) {
        guard CRC32C.checksum(bytes) == page.checksum else {
            // Says more where the file is cut: what is missing reads as zeros.
            try verifySize(upTo: Int(page.offset) + Int(page.packed))
            throw damage(page, "the checksum does not match")
        }
    }

    /// What was sound when it was checked must have been there until it was used.
    private func checkStillThere(_ page: PageReference, losses known: UInt64) throws(PartDamage) {
        try verifySize(upTo: Int(page.offset) + Int(page.packed))
        guard losses == known else { throw damage(page, "the disk could not give all of it") }
    }

    /// Changes when something of the file turns out to be lost.
    private var losses: UInt64 {
        guard case .mapped(let file) = bytes else { return 0 }
        return file.lostPages &* 2 &+ (isCut.load(ordering: .relaxed) ? 1 : 0)
    }

    /// Gives the bytes of a page without compression, which is checked the first time.
    func withPage<Result>(
        _ page: PageReference, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(PartDamage) -> Result {
        guard page.packed == page.unpacked else { throw damage(page, "it is compressed and should not be") }
        if case .remote(_, _, let pages) = bytes {
            let content = try pages.page(serial, page) { () throws(PartDamage) in try self.content(page) }
            return content.withUnsafeBytes { body($0) }
        }
        return try withStored(page) { bytes throws(PartDamage) in
            let known = losses
            if !sound.withLock({ $0.losses == known && $0.pages.contains(page.offset) }) {
                try check(bytes, page)
                try checkStillThere(page, losses: known)
                sound.withLock { sound in
                    if sound.losses != known { sound = (known, []) }
                    sound.pages.insert(page.offset)
                }
            }
            let result = body(bytes)
            guard losses == known else { throw damage(page, "the disk could not give all of it") }
            return result
        }
    }

    /// Throws when the file is shorter than it was when it was opened. What was read before and is without compression is
    /// not checked each time: to be called now and then.
    func verifySize() throws(PartDamage) { try verifySize(upTo: size) }

    private func verifySize(upTo end: Int) throws(PartDamage) {
        guard case .mapped(let file) = bytes else { return }
        do throws(DurableError) {
            try file.verifySize(upTo: end)
        } catch {
            isCut.store(true, ordering: .relaxed)
            throw PartDamage(path: path, reason: error.message)
        }
    }

    // MARK: Values

    /// Whether a group may have an entry of `GroupValues`; false is certain.
    func mayHave(_ entry: UInt64, inGroup index: Int) throws(PartDamage) -> Bool {
        guard let page = footer.groups[index].values else { return true }
        return try withPage(page) { ValueFilter.mayContain(entry, in: $0) }
    }

    // MARK: Traces by id

    /// Decoding a few rows costs about an eighth of decoding all.
    private static let lookupsForWhole = 8

    /// Notes that a trace of a group is asked for. True when as many were as make decoding all of the group, for the cache to
    /// keep, no dearer than what they have cost: so it is done at most twice as often as is best, and never for a trace
    /// that is asked for once.
    func isWorthDecoding(group: Int) -> Bool {
        lookups.withLock {
            $0[group] &+= 1
            return $0[group] % Self.lookupsForWhole == 0
        }
    }

    /// The group that holds a trace's number.
    func group(ofTrace number: Int) -> Int {
        var low = 0
        var high = footer.groups.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if firstTraces[middle] <= number { low = middle } else { high = middle }
        }
        return low
    }

    /// The id of a trace.
    func id(ofTrace number: Int) throws(PartDamage) -> (high: UInt64, low: UInt64) {
        let group = group(ofTrace: number)
        let place = (number - firstTraces[group]) * 16
        return try withPage(footer.groups[group].traceIDs) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self))
            )
        }
    }

    /// Whether the part may have spans of a trace; false is certain. One that lies elsewhere is not asked here.
    func mayContain(_ hash: UInt64) -> Bool {
        guard case .mapped(let file) = bytes else { return true }
        // The page was found sound when the file was opened.
        let isThere = file.withBytes { bytes in
            let start = Int(footer.filter.offset)
            return ValueFilter.mayContain(
                hash, in: UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(footer.filter.packed)]))
        }
        // Unless some of the file is lost: then who asks on finds out whether that is the filter.
        return isThere || losses > 0
    }

    private func passes(_ hash: UInt64) throws(PartDamage) -> Bool {
        if case .mapped = bytes, losses == 0 { return mayContain(hash) }
        return try withPage(footer.filter) { ValueFilter.mayContain(hash, in: $0) }
    }

    /// The number of a trace; nil when it has no spans here. Damage may be anywhere in the order of ids, or in the ids of any
    /// group.
    func trace(high: UInt64, low: UInt64) throws(PartDamage) -> Int? {
        guard try passes(ValueFilter.hash(high: high, low: low)) else { return nil }
        var first = 0
        var end = firstTraces[firstTraces.count - 1]
        while first < end {
            let middle = (first + end) / 2
            let number = try number(atPlace: middle)
            let id = try id(ofTrace: number)
            if id == (high, low) { return number }
            if (id.high, id.low) < (high, low) { first = middle + 1 } else { end = middle }
        }
        return nil
    }

    /// The number of a trace, looked for among all ids, for when the order of ids or some of the ids cannot be read; nil when
    /// it is not among those that can.
    ///
    /// - Parameter damaged: gets the groups whose ids cannot be read.
    func traceWithoutIndex(high: UInt64, low: UInt64, damaged: (PartDamage, Int) -> Void) -> Int? {
        for (index, group) in footer.groups.enumerated() {
            do throws(PartDamage) {
                let place = try withPage(group.traceIDs) { bytes -> Int? in
                    (0..<group.traces).first { trace in
                        bytes.loadUnaligned(fromByteOffset: trace * 16, as: UInt64.self) == high.bigEndian
                            && bytes.loadUnaligned(fromByteOffset: trace * 16 + 8, as: UInt64.self) == low.bigEndian
                    }
                }
                if let place { return firstTraces[index] + place }
            } catch {
                damaged(error, index)
                if error.isUnreachable { return nil }
            }
        }
        return nil
    }

    /// The number of the trace that stands at a place in the order of ids.
    func number(atPlace place: Int) throws(PartDamage) -> Int {
        let page = footer.order[place / PartFooter.orderEntries]
        let offset = place % PartFooter.orderEntries * 4
        guard offset + 4 <= Int(page.packed) else { throw damage(page, "it is too short") }
        let number = try withPage(page) {
            Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        guard number < firstTraces[firstTraces.count - 1] else {
            throw damage(page, "a trace's number is out of range")
        }
        return number
    }
}
