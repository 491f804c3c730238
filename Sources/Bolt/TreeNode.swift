/// A node of a bucket's tree wherever it is: still in its page, or loaded by the write transaction that changes it.
enum TreeNode {
    case page(Page)
    case node(Node)

    var isLeaf: Bool {
        switch self {
        case .page(let page): page.isLeaf
        case .node(let node): node.isLeaf
        }
    }

    var count: Int {
        switch self {
        case .page(let page): page.count
        case .node(let node): node.items.count
        }
    }

    /// The first element whose key is not below `key`, and whether it is that key.
    func search(_ key: UnsafeRawBufferPointer) throws(BoltError) -> (index: Int, exact: Bool) {
        switch self {
        case .node(let node): return node.search(key)
        case .page(let page):
            var low = 0
            var high = page.count
            while low < high {
                let middle = (low + high) / 2
                let order = try page.key(middle).compare(key)
                if order == 0 { return (middle, true) }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return (low, false)
        }
    }

    /// In a branch, the child in which `key` belongs.
    func childIndex(for key: UnsafeRawBufferPointer) throws(BoltError) -> Int {
        let (index, exact) = try search(key)
        return exact ? index : max(0, index - 1)
    }

    /// Leaf element `index`'s flags; 0 when there is no such element any more.
    func flags(_ index: Int) -> UInt32 {
        switch self {
        case .page(let page): index < page.count ? page.flags(index) : 0
        case .node(let node): index < node.items.count ? node.items[index].flags : 0
        }
    }

    /// Calls `body` with the key and value bytes of leaf element `index`, valid during the call.
    func withItem<R>(
        _ index: Int, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(BoltError) -> R
    ) throws(BoltError) -> R {
        switch self {
        case .page(let page): return try body(page.key(index), page.value(index))
        case .node(let node):
            let item = node.items[index]
            return try item.key.withRaw { (key) throws(BoltError) -> R in
                try item.value.withRaw { (value) throws(BoltError) -> R in try body(key, value) }
            }
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the error's type.
    func withRaw<R>(_ body: (UnsafeRawBufferPointer) throws(BoltError) -> R) throws(BoltError) -> R {
        try withUnsafeBufferPointer { (bytes) throws(BoltError) -> R in try body(UnsafeRawBufferPointer(bytes)) }
    }
}
