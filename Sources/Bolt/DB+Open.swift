import Durable

/// Making, recognising and checking a file before its first transaction.
extension DB {
    /// Four pages: two metas, an empty freelist, an empty root leaf.
    static func initialize(_ file: any File, pageSize: Int) throws {
        guard pageSize >= Format.smallestPage, pageSize <= Format.largestPage, pageSize & (pageSize - 1) == 0 else {
            throw BoltError(.invalidFile, "the page size must be a power of two in 1024…65536, not \(pageSize)")
        }
        var bytes: [UInt8] = []
        for txid in 0..<2 as Range<UInt64> {
            bytes += Meta(pageSize: pageSize, root: 3, freelist: 2, highWater: 4, txid: txid).encoded()
        }
        bytes += Freelist.encode([], id: 2, pages: 1, pageSize: pageSize)
        bytes += Node.encode([], isLeaf: true, id: 3, overflow: 0, length: pageSize)
        try file.write(bytes, at: 0)
        try file.sync()
    }

    /// The valid meta with the higher transaction id. Page 1 is looked for at every page size when page 0 is damaged.
    static func findMeta(_ mapping: MappedFile) throws(BoltError) -> Meta {
        let found = mapping.withBytes { bytes -> Meta? in
            func meta(at offset: Int) -> Meta? {
                guard offset + Format.pageHeaderSize + Format.metaSize <= bytes.count else { return nil }
                return Meta(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            }
            let first = meta(at: 0)
            var best = first
            var pageSize = first?.pageSize ?? Format.smallestPage
            let largest = first?.pageSize ?? Format.largestPage
            while pageSize <= largest {
                if let second = meta(at: pageSize), second.pageSize == pageSize, second.txid > best?.txid ?? 0 {
                    best = second
                }
                pageSize *= 2
            }
            return best
        }
        guard let found else {
            throw BoltError(.invalidFile, "neither meta page is valid: not a bolt file, or damaged")
        }
        return found
    }

    /// Every page below the high-water mark must be in the file.
    static func checkLength(_ mapping: MappedFile, _ meta: Meta) throws(BoltError) {
        let (needed, overflow) = meta.highWater.multipliedReportingOverflow(by: UInt64(meta.pageSize))
        guard !overflow, needed <= UInt64(mapping.count), meta.highWater >= 4 else {
            throw BoltError(.corrupt, "the file has \(mapping.count) bytes, its \(meta.highWater) pages need \(needed)")
        }
    }

    /// The free pages: read from the file, or found by walking it when it keeps none.
    static func loadFreelist(_ mapping: MappedFile, _ meta: Meta) throws(BoltError) -> Freelist {
        let tx = Tx(meta: meta, freelist: Freelist(ascending: []), mapping: mapping, isWritable: false)
        defer { tx.close() }
        guard meta.freelist == Format.noFreelist else {
            let bytes = try tx.pageBytes(meta.freelist)
            let freelist = Freelist(
                ascending: try Freelist.decode(bytes, id: meta.freelist, highWater: meta.highWater))
            try tx.verify()
            return freelist
        }
        var check = Checker(tx)
        try check.walk()
        try tx.verify()
        return Freelist(ascending: check.unreachable())
    }
}

extension BoltError {
    /// The same error with the file's path.
    func at(_ path: String) -> BoltError {
        var error = self
        if error.path == nil { error.path = path }
        return error
    }

    /// What the operating system refused.
    init(_ error: any Error, path: String) {
        if let error = error as? DurableError {
            self.init(.io, "\(error.operation): \(error.message)", path: path)
        } else {
            self.init(.io, "\(error)", path: path)
        }
    }
}
