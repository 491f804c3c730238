/// A sorted collection of keys, each with a value or a nested bucket; lives inside one transaction.
///
/// Keys sort bytewise. A bucket, its cursors and its transaction belong to one thread at a time. After the transaction
/// has ended every call throws `.closed`.
package final class Bucket {
    /// The transaction this bucket belongs to.
    package let tx: Tx
    /// How full pages are made when they split, 0.1 to 1. Raise it for appending in key order; it is not stored.
    package var fillPercent = 0.5

    /// The root page, 0 when the bucket is inline or new.
    var rootPage: UInt64
    /// The root, once a write has loaded it.
    var root: Node?
    /// Buckets opened in this one by a write transaction, whose changes must find their way back at commit.
    var children: [[UInt8]: Bucket] = [:]
    var isDeleted = false
    private(set) var storedSequence: UInt64
    private(set) var isHeaderChanged = false
    private let inline: InlinePage?

    init(tx: Tx, rootPage: UInt64, sequence: UInt64) {
        self.tx = tx
        self.rootPage = rootPage
        self.storedSequence = sequence
        inline = nil
    }

    /// The bucket in a leaf element's value.
    init(tx: Tx, value: UnsafeRawBufferPointer) throws(BoltError) {
        guard value.count >= Format.bucketHeaderSize else {
            throw BoltError(.corrupt, "a bucket's value is shorter than its header")
        }
        self.tx = tx
        rootPage = value.little(at: 0)
        storedSequence = value.little(at: 8)
        inline =
            rootPage == 0
            ? InlinePage(UnsafeRawBufferPointer(rebasing: value[Format.bucketHeaderSize...])) : nil
    }

    // MARK: Reading

    /// The value of `key`; nil when there is none or when it names a bucket.
    package func get(_ key: [UInt8]) throws(BoltError) -> [UInt8]? {
        try withValue(of: key) { (value) throws(BoltError) -> [UInt8] in [UInt8](value) }
    }

    /// Calls `body` with the bytes of `key`'s value, valid during the call; nil when there is none.
    package func withValue<R>(
        of key: [UInt8], _ body: (UnsafeRawBufferPointer) throws(BoltError) -> R
    ) throws(BoltError) -> R? {
        try withElement(key) { (value, flags) throws(BoltError) -> R? in
            flags & Format.bucketElement == 0 ? try body(value) : nil
        } ?? nil
    }

    /// The nested bucket `name`; nil when there is none.
    package func bucket(_ name: [UInt8]) throws(BoltError) -> Bucket? {
        if let child = children[name] { return child }
        let found = try withElement(name) { (value, flags) throws(BoltError) -> Bucket? in
            flags & Format.bucketElement == 0 ? nil : try Bucket(tx: tx, value: value)
        }
        guard let child = found ?? nil else { return nil }
        if tx.isWritable { children[name] = child }
        return child
    }

    /// A cursor over this bucket, before its first element.
    package func cursor() -> Cursor { Cursor(self) }

    /// Calls `body` for every element whose key starts with `prefix`, in order, without copying; `value` is nil for a
    /// nested bucket. The bytes are valid during the call. Stops when `body` returns false.
    package func forEach(
        prefix: [UInt8] = [],
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) throws(BoltError) -> Bool
    ) throws(BoltError) {
        var cursor = cursor()
        var found = try prefix.isEmpty ? cursor.moveToFirst() : cursor.moveTo(prefix)
        while found {
            let more = try cursor.withCurrent { (key, value) throws(BoltError) -> Bool in
                guard key.starts(with: prefix) else { return false }
                return try body(key, value)
            }
            guard more else { return }
            found = try cursor.moveToNext()
        }
    }

    /// A counter stored with the bucket.
    package var sequence: UInt64 { storedSequence }

    // MARK: Writing

    /// Stores `value` under `key`, over an earlier value.
    package func put(_ key: [UInt8], _ value: [UInt8]) throws(BoltError) {
        try requireWritable()
        guard !key.isEmpty, key.count <= Format.maxKeySize else {
            throw BoltError(.invalidKey, "a key has 1 to \(Format.maxKeySize) bytes, this one \(key.count)")
        }
        guard value.count <= Format.maxValueSize else {
            throw BoltError(.valueTooLarge, "a value has at most \(Format.maxValueSize) bytes, this one \(value.count)")
        }
        if try flags(of: key) ?? 0 & Format.bucketElement != 0 {
            throw BoltError(.incompatibleValue, "the key names a bucket")
        }
        try store(Node.Item(key: key, value: value))
    }

    /// Removes `key`; whether it was there.
    @discardableResult
    package func delete(_ key: [UInt8]) throws(BoltError) -> Bool {
        try requireWritable()
        guard let flags = try flags(of: key) else { return false }
        guard flags & Format.bucketElement == 0 else {
            throw BoltError(.incompatibleValue, "the key names a bucket; use deleteBucket")
        }
        try remove(key)
        return true
    }

    /// A new, empty bucket `name` in this one.
    @discardableResult
    package func createBucket(_ name: [UInt8]) throws(BoltError) -> Bucket {
        try requireWritable()
        guard !name.isEmpty, name.count <= Format.maxKeySize else {
            throw BoltError(.invalidKey, "a bucket's name has 1 to \(Format.maxKeySize) bytes, this one \(name.count)")
        }
        if let flags = try flags(of: name) {
            throw flags & Format.bucketElement != 0
                ? BoltError(.bucketExists, "the bucket exists")
                : BoltError(.incompatibleValue, "the key has a value")
        }
        let child = Bucket(tx: tx, rootPage: 0, sequence: 0)
        child.root = Node(isLeaf: true)
        try store(Node.Item(key: name, value: child.inlineValue(), flags: Format.bucketElement))
        children[name] = child
        return child
    }

    /// The bucket `name`, made when it is not there.
    package func createBucketIfNotExists(_ name: [UInt8]) throws(BoltError) -> Bucket {
        if let bucket = try bucket(name) { return bucket }
        return try createBucket(name)
    }

    /// Removes the bucket `name` with all that is in it; throws `.bucketNotFound` when there is none.
    package func deleteBucket(_ name: [UInt8]) throws(BoltError) {
        try requireWritable()
        guard let child = try bucket(name) else {
            throw try flags(of: name) == nil
                ? BoltError(.bucketNotFound, "no such bucket")
                : BoltError(.incompatibleValue, "the key has a value, not a bucket")
        }
        try child.freeAll()
        children[name] = nil
        try remove(name)
    }

    /// Sets the counter stored with the bucket.
    package func setSequence(_ value: UInt64) throws(BoltError) {
        try requireWritable()
        storedSequence = value
        isHeaderChanged = true
    }

    /// Counts the bucket's counter up and returns it.
    package func nextSequence() throws(BoltError) -> UInt64 {
        try setSequence(storedSequence &+ 1)
        return storedSequence
    }

    // MARK: Inside

    func requireOpen() throws(BoltError) {
        guard tx.isOpen, !isDeleted else { throw .closed }
    }

    private func requireWritable() throws(BoltError) {
        try requireOpen()
        guard tx.isWritable else { throw BoltError(.readOnly, "the transaction is read-only") }
    }

    /// The root of the tree, wherever it is.
    func top() throws(BoltError) -> TreeNode {
        if let root { return .node(root) }
        if let inline { return .page(try Page(inline.bytes, id: 0)) }
        return .page(try tx.page(rootPage))
    }

    /// Child `index` of the branch `parent`.
    func child(_ index: Int, of parent: TreeNode) throws(BoltError) -> TreeNode {
        switch parent {
        case .page(let page): return .page(try tx.page(page.child(index)))
        case .node(let node):
            if let child = node.items[index].child { return .node(child) }
            return .page(try tx.page(node.items[index].page))
        }
    }

    private func flags(of key: [UInt8]) throws(BoltError) -> UInt32? {
        try withElement(key) { (_, flags) throws(BoltError) -> UInt32 in flags }
    }

    private func withElement<R>(
        _ key: [UInt8], _ body: (UnsafeRawBufferPointer, UInt32) throws(BoltError) -> R
    ) throws(BoltError) -> R? {
        try requireOpen()
        return try key.withRaw { (raw) throws(BoltError) -> R? in
            var node = try top()
            var depth = 0
            while !node.isLeaf {
                guard node.count > 0, depth < Format.maxDepth else { throw tooDeep() }
                node = try child(node.childIndex(for: raw), of: node)
                depth += 1
            }
            let (index, exact) = try node.search(raw)
            guard exact else { return nil }
            return try node.withItem(index) { (_, value) throws(BoltError) -> R in try body(value, node.flags(index)) }
        }
    }

    func tooDeep() -> BoltError { .corrupt("the tree below is empty or has a loop", page: rootPage) }

    /// The leaf in which `key` belongs, loaded together with the path to it.
    private func loadLeaf(_ key: [UInt8]) throws(BoltError) -> Node {
        var node = try loadRoot()
        var depth = 0
        while !node.isLeaf {
            guard !node.items.isEmpty, depth < Format.maxDepth else { throw tooDeep() }
            let (index, exact) = key.withUnsafeBytes { node.search($0) }
            node = try load(exact ? index : max(0, index - 1), of: node)
            depth += 1
        }
        return node
    }

    private func loadRoot() throws(BoltError) -> Node {
        if let root { return root }
        guard case .page(let page) = try top() else { throw tooDeep() }
        let node = try Node(page)
        root = node
        return node
    }

    /// Child `index` of `parent`, taken into memory.
    func load(_ index: Int, of parent: Node) throws(BoltError) -> Node {
        if let child = parent.items[index].child { return child }
        let node = try Node(tx.page(parent.items[index].page))
        parent.items[index].child = node
        return node
    }

    func store(_ item: Node.Item) throws(BoltError) {
        try loadLeaf(item.key).put(item)
    }

    private func remove(_ key: [UInt8]) throws(BoltError) {
        let leaf = try loadLeaf(key)
        let (index, exact) = key.withUnsafeBytes { leaf.search($0) }
        if exact { leaf.items.remove(at: index) }
    }

    /// The bucket's value when it is stored inside its parent: header, then its one leaf as a page of id 0.
    func inlineValue() -> [UInt8] {
        let items = (root?.items ?? [])[...]
        return header(rootPage: 0)
            + Node.encode(items, isLeaf: true, id: 0, overflow: 0, length: Node.encodedSize(items))
    }

    func header(rootPage: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Format.bucketHeaderSize)
        bytes.withUnsafeMutableBytes { raw in
            raw.putLittle(rootPage, at: 0)
            raw.putLittle(storedSequence, at: 8)
        }
        return bytes
    }
}
