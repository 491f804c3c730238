import Compression
import MartletCore

/// Reads the records of one segment in order, in bounded memory, and finds its way again after damage.
struct SegmentScanner {
    /// What a step found.
    enum Step {
        /// `record` holds the next record.
        case record
        /// The segment ends after a whole record.
        case end
        /// The bytes at `offset` are not what the framing demands. The next step goes on at the next sound fragment of the
        /// page, or at the next page.
        case damage(offset: Int64, reason: String)
    }

    /// Bytes of the record that the last step found, decompressed.
    private(set) var record: [UInt8] = []
    /// Offset behind the last whole record: where reading may start again, or a torn segment be cut.
    private(set) var end: Int64
    /// Offset at which the last record's first fragment starts.
    private(set) var start: Int64

    private let file: any File
    private let recordLimit: Int
    private var page = [UInt8](repeating: 0, count: RecordFrame.pageSize)
    private var pageStart: Int64 = -1
    private var pageCount = 0
    private var offset: Int64
    private var assembled: [UInt8] = []
    private var assembling = false
    private var assemblyFlag: UInt8 = 0
    /// Set after damage until a record starts: fragments of the record that was hit are passed over.
    private var resynchronizing = false

    /// A scanner that starts at the record boundary `offset`. A record that decompresses to more than `recordLimit`
    /// bytes counts as damage.
    init(_ file: any File, from offset: Int64, recordLimit: Int) {
        self.file = file
        self.recordLimit = recordLimit
        self.offset = offset
        end = offset
        start = offset
    }

    /// Goes to the next record.
    mutating func next() throws(DurableError) -> Step {
        while true {
            let inPage = Int(offset % Int64(RecordFrame.pageSize))
            try load(pageAt: offset - Int64(inPage), upTo: inPage + 1)
            let left = pageCount - inPage
            if left <= 0 {
                return assembling ? damaged("the segment ends within a record") : .end
            }
            if RecordFrame.pageSize - inPage < RecordFrame.headerSize || page[inPage] == RecordFrame.pageEnd {
                if let reason = paddingFault(from: inPage) { return damaged(reason) }
                offset += Int64(left)
                continue
            }
            if let step = try fragment(inPage) { return step }
        }
    }

    /// Takes one fragment; nil when the record goes on.
    private mutating func fragment(_ inPage: Int) throws(DurableError) -> Step? {
        guard pageCount - inPage >= RecordFrame.headerSize else { return damaged("the fragment's header is cut off") }
        let type = page[inPage]
        let kind = type & RecordFrame.typeMask
        guard type & ~(RecordFrame.typeMask | RecordFrame.compressionMask) == 0, kind <= RecordFrame.last,
            type & RecordFrame.compressionMask != RecordFrame.compressionMask
        else { return damaged("the fragment's type \(type) is unknown") }
        let count = Int(page[inPage + 1]) << 8 | Int(page[inPage + 2])
        let data = inPage + RecordFrame.headerSize
        guard data + count <= RecordFrame.pageSize else { return damaged("a length of \(count) crosses the page") }
        guard data + count <= pageCount else { return damaged("the fragment is cut off") }
        let stored = storedChecksum(at: inPage)
        let actual = checksum(data..<data + count)
        guard stored == actual else {
            return damaged("checksum \(String(actual, radix: 16)) where \(String(stored, radix: 16)) is stored")
        }
        let isStart = kind == RecordFrame.full || kind == RecordFrame.first
        if isStart, assembling {
            // This fragment is sound: only the record before it is lost.
            assembling = false
            return .damage(offset: start, reason: "the record has no end")
        }
        if !isStart, !assembling {
            let place = offset
            offset += Int64(RecordFrame.headerSize + count)
            if resynchronizing { return nil }
            resynchronizing = true
            return .damage(offset: place, reason: "the record has no start")
        }
        if isStart {
            resynchronizing = false
            start = offset
            assembled.removeAll(keepingCapacity: true)
            assemblyFlag = type & RecordFrame.compressionMask
            assembling = true
        }
        guard assembled.count + count <= recordLimit else { return damaged("the record exceeds \(recordLimit) bytes") }
        assembled.append(contentsOf: page[data..<data + count])
        offset += Int64(RecordFrame.headerSize + count)
        guard kind == RecordFrame.full || kind == RecordFrame.last else { return nil }
        assembling = false
        // Its fragments are sound, so the next one follows.
        guard let bytes = decompressed() else {
            return .damage(offset: start, reason: "the record cannot be decompressed")
        }
        record = bytes
        end = offset
        return .record
    }

    private func decompressed() -> [UInt8]? {
        assembled.withUnsafeBytes { bytes in
            switch RecordCompression(rawValue: assemblyFlag) {
            case .some(.none): assembled
            case .some(.snappy): try? Snappy.decompress(bytes, limit: recordLimit)
            case .some(.zstd): try? Zstd.decompress(bytes, limit: recordLimit)
            case nil: nil
            }
        }
    }

    /// Reports damage and moves on to where a record may start afresh.
    private mutating func damaged(_ reason: String) -> Step {
        let place = offset
        let inPage = Int(offset % Int64(RecordFrame.pageSize))
        offset = pageStart + Int64(soundFragment(after: inPage) ?? pageCount)
        resynchronizing = true
        assembling = false
        return .damage(offset: place, reason: reason)
    }

    /// Where fragments go on in the page behind the damaged one at `inPage`; nil when none is found.
    ///
    /// Its length is believed when a sound fragment, or the page's end, lies where it points. Otherwise the next place
    /// counts at which two sound fragments follow each other, or one that ends the page: one alone might be what somebody
    /// wrote into a record.
    private func soundFragment(after inPage: Int) -> Int? {
        if pageCount - inPage >= RecordFrame.headerSize {
            let next = inPage + RecordFrame.headerSize + (Int(page[inPage + 1]) << 8 | Int(page[inPage + 2]))
            if next <= pageCount, isPageEnd(next) || soundEnd(of: next) != nil { return next }
        }
        var candidate = inPage + 1
        while candidate + RecordFrame.headerSize < pageCount {
            if let end = soundEnd(of: candidate), end > candidate + RecordFrame.headerSize,
                isPageEnd(end) || soundEnd(of: end) != nil
            {
                return candidate
            }
            candidate += 1
        }
        return nil
    }

    /// Where the fragment at `place` in the page ends; nil when it is none, or damaged.
    private func soundEnd(of place: Int) -> Int? {
        guard place + RecordFrame.headerSize <= pageCount else { return nil }
        let type = page[place]
        let kind = type & RecordFrame.typeMask
        guard RecordFrame.full...RecordFrame.last ~= kind,
            RecordCompression(rawValue: type & ~RecordFrame.typeMask) != nil
        else { return nil }
        let data = place + RecordFrame.headerSize
        let end = data + (Int(page[place + 1]) << 8 | Int(page[place + 2]))
        guard end <= pageCount, storedChecksum(at: place) == checksum(data..<end) else { return nil }
        return end
    }

    /// True when nothing but padding is left of the page, or of the file.
    private func isPageEnd(_ place: Int) -> Bool {
        guard place < pageCount else { return true }
        let isPadding = RecordFrame.pageSize - place < RecordFrame.headerSize || page[place] == RecordFrame.pageEnd
        return isPadding && paddingFault(from: place) == nil
    }

    private func storedChecksum(at place: Int) -> UInt32 {
        page[place + 3..<place + RecordFrame.headerSize].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    private func checksum(_ range: Range<Int>) -> UInt32 {
        page.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private func paddingFault(from inPage: Int) -> String? {
        page[inPage..<pageCount].allSatisfy { $0 == 0 } ? nil : "the page's padding is not zero"
    }

    private mutating func load(pageAt start: Int64, upTo needed: Int) throws(DurableError) {
        if start == pageStart, pageCount >= needed { return }
        var failure: DurableError?
        pageCount = page.withUnsafeMutableBytes { buffer in
            do throws(DurableError) {
                return try file.read(into: buffer, at: start)
            } catch {
                failure = error
                return 0
            }
        }
        pageStart = start
        if let failure { throw failure }
    }
}
