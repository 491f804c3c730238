import Durable

/// One transaction: a consistent view of the whole file, and for the writer its changes until they are committed.
///
/// A read transaction sees the state of the commit before it began, however long it lasts and whatever is written
/// meanwhile; it never blocks a writer nor is blocked by one. Use it, its buckets and cursors on one thread at a time.
package final class Tx {
    /// The number of the commit this transaction sees (readers) or makes (the writer).
    package var id: UInt64 { meta.txid }
    /// Whether changes are allowed.
    package let isWritable: Bool

    private(set) var isOpen = true
    var meta: Meta
    var freelist: Freelist
    /// Pages written by this transaction, in order of allocation.
    var dirty: [(id: UInt64, bytes: [UInt8])] = []
    /// Pins the file's bytes: `bytes` points into it.
    private let mapping: MappedFile
    private let bytes: UnsafeRawBufferPointer
    private var root: Bucket?

    init(meta: Meta, freelist: Freelist, mapping: MappedFile, isWritable: Bool) {
        self.meta = meta
        self.freelist = freelist
        self.mapping = mapping
        self.isWritable = isWritable
        // The memory lives as long as `mapping`, which this transaction holds.
        bytes = mapping.withBytes { $0 }
    }

    /// Ends the transaction; buckets that outlive it throw `.closed`.
    func close() {
        isOpen = false
        root?.children = [:]
        root = nil
        dirty = []
    }

    // MARK: Buckets

    /// The bucket that holds all others.
    var rootBucket: Bucket {
        if let root { return root }
        let bucket = Bucket(tx: self, rootPage: meta.root, sequence: meta.sequence)
        root = bucket
        return bucket
    }

    /// The bucket `name`; nil when there is none.
    package func bucket(_ name: [UInt8]) throws(BoltError) -> Bucket? {
        try requireOpen()
        return try rootBucket.bucket(name)
    }

    /// A new, empty bucket.
    @discardableResult
    package func createBucket(_ name: [UInt8]) throws(BoltError) -> Bucket {
        try requireOpen()
        return try rootBucket.createBucket(name)
    }

    /// The bucket `name`, made when it is not there.
    package func createBucketIfNotExists(_ name: [UInt8]) throws(BoltError) -> Bucket {
        try requireOpen()
        return try rootBucket.createBucketIfNotExists(name)
    }

    /// Removes the bucket `name` with all that is in it.
    package func deleteBucket(_ name: [UInt8]) throws(BoltError) {
        try requireOpen()
        try rootBucket.deleteBucket(name)
    }

    /// The names of the buckets, in order.
    package func bucketNames() throws(BoltError) -> [[UInt8]] {
        try requireOpen()
        var names: [[UInt8]] = []
        try rootBucket.forEach { (key, value) throws(BoltError) -> Bool in
            if value == nil { names.append([UInt8](key)) }
            return true
        }
        return names
    }

    private func requireOpen() throws(BoltError) {
        guard isOpen else { throw .closed }
    }

    // MARK: Pages

    /// The bytes of page `id` with its overflow pages, checked to lie inside the used part of the file.
    func pageBytes(_ id: UInt64) throws(BoltError) -> UnsafeRawBufferPointer {
        guard id >= 2, id < meta.highWater else {
            throw .corrupt("is outside the file's \(meta.highWater) pages", page: id)
        }
        let start = Int(id) * meta.pageSize
        guard start + meta.pageSize <= bytes.count else { throw .corrupt("the file is cut short", page: id) }
        let overflow: UInt32 = bytes.little(at: start + 12)
        guard UInt64(overflow) < meta.highWater - id else { throw .corrupt("overflows the file", page: id) }
        let end = start + (Int(overflow) + 1) * meta.pageSize
        guard end <= bytes.count else { throw .corrupt("the file is cut short", page: id) }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// The branch or leaf page `id`.
    func page(_ id: UInt64) throws(BoltError) -> Page {
        try Page(pageBytes(id), id: id)
    }

    /// Throws `.corrupt` when pages that were read may have been no content of the file, since it was cut or the disk fails.
    func verify() throws(BoltError) {
        do throws(DurableError) {
            try mapping.verify()
        } catch {
            throw BoltError(.corrupt, error.message)
        }
    }

    /// `count` pages in a row for the writer: free ones, or new ones at the end of the file.
    func allocate(_ count: Int) -> UInt64 {
        if let id = freelist.allocate(count) { return id }
        let id = meta.highWater
        meta.highWater += UInt64(count)
        return id
    }

    /// Gives pages back once no reader can see them any more.
    func free(_ page: UInt64, count: Int) {
        freelist.free(page, count: count, txid: meta.txid)
    }

    // MARK: Commit

    /// Turns all changes into dirty pages, the freelist's included. What remains is to write them and the meta.
    func spill() throws(BoltError) {
        guard try rootBucket.spill(mayInline: false) != nil else { return }
        meta.root = rootBucket.rootPage
        meta.sequence = rootBucket.sequence
    }

    /// Writes the list of free pages to new pages; the old list's become free.
    func spillFreelist() throws(BoltError) {
        if meta.freelist != Format.noFreelist {
            let overflow: UInt32 = try pageBytes(meta.freelist).little(at: 12)
            free(meta.freelist, count: Int(overflow) + 1)
        }
        let size = Freelist.encodedSize(freelist.freeCount + freelist.pendingCount)
        let pages = (size + meta.pageSize - 1) / meta.pageSize
        meta.freelist = allocate(pages)
        // Listed after its own pages were taken off.
        let ids = freelist.allIDs()
        dirty.append(
            (meta.freelist, Freelist.encode(ids, id: meta.freelist, pages: pages, pageSize: meta.pageSize)))
    }

    /// Gives every page from 2 to the high-water mark to `body` in runs of at most `maxBytes`, with the offset in the file.
    func forEachRun(maxBytes: Int, _ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
        let end = Int(meta.highWater) * meta.pageSize
        var offset = 2 * meta.pageSize
        while offset < end {
            let next = min(end, offset + maxBytes)
            try body(UnsafeRawBufferPointer(rebasing: bytes[offset..<next]), offset)
            offset = next
        }
    }

    /// Whether any bucket was changed.
    var hasChanges: Bool { !dirty.isEmpty }
}
