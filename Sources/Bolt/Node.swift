/// A branch or leaf page taken into memory by a write transaction, which will be written to new pages at commit.
///
/// A branch keeps its loaded children beside their page ids, so the nodes of one bucket form the changed top of its
/// tree; what no write has touched stays in the file.
final class Node {
    /// One element: a leaf's key and value, or a branch's key and child.
    struct Item {
        var key: [UInt8]
        var value: [UInt8] = []
        var flags: UInt32 = 0
        var page: UInt64 = 0
        var child: Node?
    }

    let isLeaf: Bool
    /// The page this node was read from, 0 when it has none; freed when the node is written elsewhere.
    var pageID: UInt64
    /// Pages from `pageID` on, overflow included.
    var pageCount: Int
    var items: [Item]

    init(isLeaf: Bool, items: [Item] = []) {
        self.isLeaf = isLeaf
        self.items = items
        pageID = 0
        pageCount = 0
    }

    /// A copy of `page`.
    init(_ page: Page) throws(BoltError) {
        isLeaf = page.isLeaf
        pageID = page.id
        pageCount = page.id == 0 ? 0 : page.overflow + 1
        items = []
        items.reserveCapacity(page.count + 1)
        for index in 0..<page.count {
            let key = [UInt8](try page.key(index))
            if isLeaf {
                items.append(Item(key: key, value: [UInt8](try page.value(index)), flags: page.flags(index)))
            } else {
                items.append(Item(key: key, page: page.child(index)))
            }
        }
    }

    /// Bytes of this node as a page, header included.
    var size: Int { items.reduce(Format.pageHeaderSize) { $0 + Self.size(of: $1) } }

    private static func size(of item: Item) -> Int { Format.elementSize + item.key.count + item.value.count }

    /// The first item whose key is not below `key`, and whether it is that key.
    func search(_ key: UnsafeRawBufferPointer) -> (index: Int, exact: Bool) {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            let order = items[middle].key.withUnsafeBytes { $0.compare(key) }
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Puts `item` where its key belongs, in place of one with the same key.
    func put(_ item: Item) {
        let (index, exact) = item.key.withUnsafeBytes { search($0) }
        if exact { items[index] = item } else { items.insert(item, at: index) }
    }

    /// Whether the node should be joined with a neighbour: a quarter full or less, or with fewer keys than it must have.
    func isUnderfull(pageSize: Int) -> Bool {
        items.count < (isLeaf ? 1 : Format.minKeysPerPage) || size <= pageSize / 4
    }

    /// This node's items in page-sized parts, each filled to about `fillPercent` unless it is the last.
    func split(pageSize: Int, fillPercent: Double) -> [ArraySlice<Item>] {
        var parts: [ArraySlice<Item>] = []
        var rest = items[...]
        var restSize = size
        let threshold = Int(Double(pageSize) * min(max(fillPercent, 0.1), 1))
        while rest.count > Format.minKeysPerPage * 2, restSize > pageSize {
            var partSize = Format.pageHeaderSize
            var end = rest.startIndex
            while end < rest.endIndex - Format.minKeysPerPage {
                let next = Self.size(of: rest[end])
                if end - rest.startIndex >= Format.minKeysPerPage, partSize + next > threshold { break }
                partSize += next
                end += 1
            }
            parts.append(rest[..<end])
            rest = rest[end...]
            restSize -= partSize - Format.pageHeaderSize
        }
        parts.append(rest)
        return parts
    }

    /// `items` as a page `id`, padded with zeros to `length` bytes.
    static func encode(_ items: ArraySlice<Item>, isLeaf: Bool, id: UInt64, overflow: Int, length: Int) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: length)
        page.withUnsafeMutableBytes { bytes in
            bytes.putLittle(id, at: 0)
            bytes.putLittle(isLeaf ? Format.leafPage : Format.branchPage, at: 8)
            bytes.putLittle(UInt16(items.count), at: 10)
            bytes.putLittle(UInt32(overflow), at: 12)
            var element = Format.pageHeaderSize
            var data = Format.pageHeaderSize + items.count * Format.elementSize
            for item in items {
                // Positions count from the element's own first byte.
                let position = UInt32(data - element)
                if isLeaf {
                    bytes.putLittle(item.flags, at: element)
                    bytes.putLittle(position, at: element + 4)
                    bytes.putLittle(UInt32(item.key.count), at: element + 8)
                    bytes.putLittle(UInt32(item.value.count), at: element + 12)
                } else {
                    bytes.putLittle(position, at: element)
                    bytes.putLittle(UInt32(item.key.count), at: element + 4)
                    bytes.putLittle(item.page, at: element + 8)
                }
                element += Format.elementSize
                bytes[data..<data + item.key.count].copyBytes(from: item.key)
                data += item.key.count
                bytes[data..<data + item.value.count].copyBytes(from: item.value)
                data += item.value.count
            }
        }
        return page
    }

    /// Bytes of a page holding `items`.
    static func encodedSize(_ items: ArraySlice<Item>) -> Int {
        items.reduce(Format.pageHeaderSize) { $0 + size(of: $1) }
    }
}
