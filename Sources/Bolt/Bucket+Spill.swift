/// Writing a changed bucket: balance, split, copy on write.
extension Bucket {
    /// Writes all changes of this bucket and of those inside it to new pages; the bucket's new value in its parent, nil
    /// when nothing changed. `mayInline` is false for the root bucket, which has no parent to lie in.
    func spill(mayInline: Bool) throws(BoltError) -> [UInt8]? {
        for (name, child) in children.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            guard let value = try child.spill(mayInline: true) else { continue }
            try store(Node.Item(key: name, value: value, flags: Format.bucketElement))
        }
        guard var top = root else { return isHeaderChanged ? try unloadedValue() : nil }
        try balance(top, depth: 0)
        top = try collapse(top)
        if mayInline, isInlineable(top) {
            free(top)
            rootPage = 0
            root = top
            return inlineValue()
        }
        var written = try write(top)
        while written.count > 1 {
            written = try write(Node(isLeaf: false, items: written))
        }
        rootPage = written[0].page
        return header(rootPage: rootPage)
    }

    /// The value of a bucket of which only the header changed.
    private func unloadedValue() throws(BoltError) -> [UInt8] {
        guard rootPage == 0 else { return header(rootPage: rootPage) }
        guard case .page(let page) = try top() else { throw tooDeep() }
        root = try Node(page)
        return inlineValue()
    }

    private func isInlineable(_ top: Node) -> Bool {
        top.isLeaf && top.size <= tx.meta.pageSize / 4
            && !top.items.contains { $0.flags & Format.bucketElement != 0 }
    }

    private func free(_ node: Node) {
        guard node.pageID != 0 else { return }
        tx.free(node.pageID, count: node.pageCount)
        node.pageID = 0
    }

    /// Joins underfull loaded nodes with a neighbour and drops empty ones, deepest first.
    private func balance(_ node: Node, depth: Int) throws(BoltError) {
        guard !node.isLeaf else { return }
        guard depth < Format.maxDepth else { throw tooDeep() }
        for item in node.items {
            if let child = item.child { try balance(child, depth: depth + 1) }
        }
        var index = 0
        while index < node.items.count {
            guard let child = node.items[index].child, child.isUnderfull(pageSize: tx.meta.pageSize) else {
                index += 1
                continue
            }
            if child.items.isEmpty {
                free(child)
                node.items.remove(at: index)
            } else if node.items.count > 1 {
                let left = max(0, index - 1)
                try join(left, of: node)
                index = left
            } else {
                return
            }
        }
    }

    /// Moves the items of child `left + 1` into child `left`.
    private func join(_ left: Int, of node: Node) throws(BoltError) {
        let target = try load(left, of: node)
        let source = try load(left + 1, of: node)
        guard target.isLeaf == source.isLeaf else {
            throw .corrupt("a branch and a leaf are siblings", page: node.pageID)
        }
        target.items += source.items
        free(source)
        node.items.remove(at: left + 1)
    }

    /// The real top of a tree whose root has one child or none.
    private func collapse(_ top: Node) throws(BoltError) -> Node {
        var top = top
        while !top.isLeaf, top.items.count < 2 {
            free(top)
            if top.items.isEmpty { return Node(isLeaf: true) }
            guard let child = top.items[0].child else {
                // A branch that came from the file with one child: sound, if odd. Its subtree moves up unchanged.
                top = try load(0, of: top)
                continue
            }
            top = child
        }
        return top
    }

    /// Writes `node` and the loaded nodes below it; one branch item for each page it became.
    private func write(_ node: Node) throws(BoltError) -> [Node.Item] {
        if !node.isLeaf, node.items.contains(where: { $0.child != nil }) {
            var items: [Node.Item] = []
            items.reserveCapacity(node.items.count)
            for item in node.items {
                if let child = item.child {
                    items += try write(child)
                } else {
                    items.append(item)
                }
            }
            node.items = items
        }
        free(node)
        var written: [Node.Item] = []
        let pageSize = tx.meta.pageSize
        for part in node.split(pageSize: pageSize, fillPercent: fillPercent) {
            let pages = (Node.encodedSize(part) + pageSize - 1) / pageSize
            let id = tx.allocate(pages)
            let bytes = Node.encode(
                part, isLeaf: node.isLeaf, id: id, overflow: pages - 1, length: pages * pageSize)
            tx.dirty.append((id, bytes))
            written.append(Node.Item(key: part.first?.key ?? [], page: id))
        }
        return written
    }

    /// Frees every page of this bucket and of those inside it, and closes them.
    func freeAll() throws(BoltError) {
        try freeTree(top(), depth: 0)
        for child in children.values { child.isDeleted = true }
        isDeleted = true
    }

    private func freeTree(_ tree: TreeNode, depth: Int) throws(BoltError) {
        guard depth < Format.maxDepth else { throw tooDeep() }
        for index in 0..<tree.count {
            guard tree.isLeaf else {
                try freeTree(child(index, of: tree), depth: depth + 1)
                continue
            }
            guard tree.flags(index) & Format.bucketElement != 0 else { continue }
            let name = try tree.withItem(index) { (key, _) throws(BoltError) -> [UInt8] in [UInt8](key) }
            try bucket(name)?.freeAll()
        }
        switch tree {
        case .page(let page): if page.id != 0 { tx.free(page.id, count: page.overflow + 1) }
        case .node(let node): free(node)
        }
    }
}
