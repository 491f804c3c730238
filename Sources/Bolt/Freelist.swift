/// The pages of the file that hold nothing: free ones, and pending ones that an open reader may still see.
///
/// A value: a write transaction works on its own copy, which replaces the database's when the commit has succeeded.
struct Freelist: Equatable, Sendable {
    /// A run of free pages.
    struct Span: Equatable, Sendable {
        var start: UInt64
        var count: UInt64
        var end: UInt64 { start + count }
    }

    /// Free pages as runs, ascending, never touching one another.
    private(set) var spans: [Span] = []
    /// Pages freed by the transaction that is the key: readers that began before it may still read them.
    private(set) var pending: [UInt64: [UInt64]] = [:]

    /// Free pages alone.
    var freeCount: Int { spans.reduce(0) { $0 + Int($1.count) } }
    /// Pages waiting for readers to end.
    var pendingCount: Int { pending.values.reduce(0) { $0 + $1.count } }

    /// A list of the free page ids given, which must be ascending and distinct.
    init(ascending ids: some Sequence<UInt64>) {
        for id in ids {
            if let last = spans.last, last.end == id {
                spans[spans.count - 1].count += 1
            } else {
                spans.append(Span(start: id, count: 1))
            }
        }
    }

    /// The first page of `count` free pages in a row, taken off the list; nil when there is no such run.
    mutating func allocate(_ count: Int) -> UInt64? {
        for index in spans.indices where spans[index].count >= UInt64(count) {
            let start = spans[index].start
            if spans[index].count == UInt64(count) {
                spans.remove(at: index)
            } else {
                spans[index].start += UInt64(count)
                spans[index].count -= UInt64(count)
            }
            return start
        }
        return nil
    }

    /// Puts `count` pages from `page` on the pending list of transaction `txid`.
    mutating func free(_ page: UInt64, count: Int, txid: UInt64) {
        pending[txid, default: []].append(contentsOf: page..<page + UInt64(count))
    }

    /// Makes free what transactions up to and with `txid` left pending.
    mutating func release(upTo txid: UInt64) {
        var released: [UInt64] = []
        for (owner, pages) in pending where owner <= txid { released += pages }
        guard !released.isEmpty else { return }
        pending = pending.filter { $0.key > txid }
        released.sort()
        merge(Freelist(ascending: released).spans)
    }

    private mutating func merge(_ others: [Span]) {
        var merged: [Span] = []
        merged.reserveCapacity(spans.count + others.count)
        var left = spans[...]
        var right = others[...]
        while let next = Self.popSmaller(&left, &right) {
            if let last = merged.last, last.end == next.start {
                merged[merged.count - 1].count += next.count
            } else {
                merged.append(next)
            }
        }
        spans = merged
    }

    private static func popSmaller(_ left: inout ArraySlice<Span>, _ right: inout ArraySlice<Span>) -> Span? {
        guard let first = left.first else { return right.popFirst() }
        guard let second = right.first else { return left.popFirst() }
        return first.start < second.start ? left.popFirst() : right.popFirst()
    }

    /// Every free and pending id, ascending: what the file's freelist page lists, since no reader outlives the process.
    func allIDs() -> [UInt64] {
        var ids: [UInt64] = []
        for span in spans { ids.append(contentsOf: span.start..<span.end) }
        for pages in pending.values { ids += pages }
        ids.sort()
        return ids
    }

    /// Bytes of a freelist page for `count` ids.
    static func encodedSize(_ count: Int) -> Int {
        Format.pageHeaderSize + (count >= Format.freelistCountInBody ? count + 1 : count) * 8
    }

    /// The freelist page `id` for `ids`, `pages` pages long.
    static func encode(_ ids: [UInt64], id: UInt64, pages: Int, pageSize: Int) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: pages * pageSize)
        page.withUnsafeMutableBytes { bytes in
            bytes.putLittle(id, at: 0)
            bytes.putLittle(Format.freelistPage, at: 8)
            bytes.putLittle(UInt16(min(ids.count, Format.freelistCountInBody)), at: 10)
            bytes.putLittle(UInt32(pages - 1), at: 12)
            var offset = Format.pageHeaderSize
            if ids.count >= Format.freelistCountInBody {
                bytes.putLittle(UInt64(ids.count), at: offset)
                offset += 8
            }
            for id in ids {
                bytes.putLittle(id, at: offset)
                offset += 8
            }
        }
        return page
    }

    /// The ids in a freelist page, checked: ascending, distinct, in 2..<`highWater`.
    static func decode(_ bytes: UnsafeRawBufferPointer, id: UInt64, highWater: UInt64) throws(BoltError) -> [UInt64] {
        guard bytes.count >= Format.pageHeaderSize, bytes.little(at: 0, as: UInt64.self) == id,
            bytes.little(at: 8, as: UInt16.self) == Format.freelistPage
        else { throw .corrupt("is not a freelist page", page: id) }
        var count = UInt64(bytes.little(at: 10, as: UInt16.self))
        var offset = Format.pageHeaderSize
        if count == UInt64(Format.freelistCountInBody) {
            guard bytes.count >= offset + 8 else { throw .corrupt("freelist is cut short", page: id) }
            count = bytes.little(at: offset)
            offset += 8
        }
        guard count <= UInt64((bytes.count - offset) / 8) else {
            throw .corrupt("freelist of \(count) ids does not fit its page", page: id)
        }
        var ids: [UInt64] = []
        ids.reserveCapacity(Int(count))
        var previous: UInt64 = 1
        for index in 0..<Int(count) {
            let next: UInt64 = bytes.little(at: offset + index * 8)
            guard next > previous, next < highWater else {
                throw .corrupt("freelist id \(next) is out of order or out of the file", page: id)
            }
            ids.append(next)
            previous = next
        }
        return ids
    }
}
