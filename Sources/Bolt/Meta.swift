/// A meta page: where the tree, the freelist and the end of the file stood after one transaction.
///
/// Pages 0 and 1 hold one each; the valid one with the higher transaction id rules, so that a torn write of one
/// leaves the state before it.
struct Meta: Equatable, Sendable {
    var pageSize: Int
    /// The root bucket's root page.
    var root: UInt64
    /// The root bucket's sequence, unused by bolt itself but kept.
    var sequence: UInt64
    /// First page of the freelist, or `Format.noFreelist`.
    var freelist: UInt64
    /// The first page id never handed out: the file's used length in pages.
    var highWater: UInt64
    var txid: UInt64

    /// The meta in a page's bytes; nil when magic, version, checksum or page size do not hold.
    init?(_ page: UnsafeRawBufferPointer) {
        guard page.count >= Format.pageHeaderSize + Format.metaSize else { return nil }
        let body = UnsafeRawBufferPointer(
            rebasing: page[Format.pageHeaderSize..<Format.pageHeaderSize + Format.metaSize])
        guard body.little(at: 0, as: UInt32.self) == Format.magic,
            body.little(at: 4, as: UInt32.self) == Format.version,
            body.little(at: 56, as: UInt64.self) == Self.checksum(UnsafeRawBufferPointer(rebasing: body[..<56]))
        else { return nil }
        pageSize = Int(body.little(at: 8, as: UInt32.self))
        guard pageSize >= Format.smallestPage, pageSize <= Format.largestPage, pageSize & (pageSize - 1) == 0 else {
            return nil
        }
        root = body.little(at: 16)
        sequence = body.little(at: 24)
        freelist = body.little(at: 32)
        highWater = body.little(at: 40)
        txid = body.little(at: 48)
    }

    init(pageSize: Int, root: UInt64, freelist: UInt64, highWater: UInt64, txid: UInt64) {
        self.pageSize = pageSize
        self.root = root
        self.sequence = 0
        self.freelist = freelist
        self.highWater = highWater
        self.txid = txid
    }

    /// The page this meta is written to.
    var pageID: UInt64 { txid % 2 }

    /// A whole page with this meta in it.
    func encoded() -> [UInt8] {
        var page = [UInt8](repeating: 0, count: pageSize)
        page.withUnsafeMutableBytes { bytes in
            bytes.putLittle(pageID, at: 0)
            bytes.putLittle(Format.metaPage, at: 8)
            let body = UnsafeMutableRawBufferPointer(rebasing: bytes[Format.pageHeaderSize...])
            body.putLittle(Format.magic, at: 0)
            body.putLittle(Format.version, at: 4)
            body.putLittle(UInt32(pageSize), at: 8)
            body.putLittle(UInt32(0), at: 12)
            body.putLittle(root, at: 16)
            body.putLittle(sequence, at: 24)
            body.putLittle(freelist, at: 32)
            body.putLittle(highWater, at: 40)
            body.putLittle(txid, at: 48)
            body.putLittle(Self.checksum(UnsafeRawBufferPointer(rebasing: body[..<56])), at: 56)
        }
        return page
    }

    /// FNV-1a, 64 bit.
    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes {
            hash ^= UInt64(byte)
            hash = hash &* 0x0000_0100_0000_01B3
        }
        return hash
    }
}
