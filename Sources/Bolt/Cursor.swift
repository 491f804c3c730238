/// A position in a bucket, to walk its elements in key order.
///
/// A write to the bucket through anything but the cursor's own `delete` leaves the position undefined (never unsafe):
/// seek again after it.
package struct Cursor {
    /// One element: `value` is nil when `key` names a nested bucket.
    package struct Entry: Equatable, Sendable {
        /// The key's bytes.
        package var key: [UInt8]
        /// The value's bytes, nil for a bucket.
        package var value: [UInt8]?
    }

    private struct Level {
        var tree: TreeNode
        var index: Int
    }

    /// The bucket this cursor walks.
    package let bucket: Bucket
    private var stack: [Level] = []
    /// Set by `delete`: the position already is what `next` would move to.
    private var isOnSuccessor = false

    init(_ bucket: Bucket) { self.bucket = bucket }

    /// Moves to the first element; nil in an empty bucket.
    package mutating func first() throws(BoltError) -> Entry? { try moveToFirst() ? current() : nil }

    /// Moves to the last element; nil in an empty bucket.
    package mutating func last() throws(BoltError) -> Entry? {
        try bucket.requireOpen()
        isOnSuccessor = false
        let top = try bucket.top()
        stack = [Level(tree: top, index: max(0, top.count - 1))]
        try descend(toLast: true)
        if let leaf = stack.last, leaf.tree.count > 0 { return try current() }
        return try prev()
    }

    /// Moves to the first element whose key is not below `key`; nil when there is none.
    package mutating func seek(_ key: [UInt8]) throws(BoltError) -> Entry? { try moveTo(key) ? current() : nil }

    /// Moves on by one; nil at the end, where the cursor stays.
    package mutating func next() throws(BoltError) -> Entry? { try moveToNext() ? current() : nil }

    /// Moves back by one; nil at the start, where the cursor stays.
    package mutating func prev() throws(BoltError) -> Entry? {
        try bucket.requireOpen()
        isOnSuccessor = false
        var position = stack
        while let level = position.last {
            guard level.index > 0 else {
                position.removeLast()
                continue
            }
            position[position.count - 1].index = min(level.index, level.tree.count) - 1
            guard position[position.count - 1].index >= 0 else {
                position.removeLast()
                continue
            }
            let before = stack
            stack = position
            try descend(toLast: true)
            if let leaf = stack.last, leaf.tree.count > 0 { return try current() }
            position = stack
            stack = before
        }
        return nil
    }

    /// Removes the element under the cursor; the following `next` gives the one after it.
    package mutating func delete() throws(BoltError) {
        guard let entry = try current() else { throw BoltError(.invalidKey, "the cursor is on no element") }
        guard entry.value != nil else {
            throw BoltError(.incompatibleValue, "the key names a bucket; use deleteBucket")
        }
        try bucket.delete(entry.key)
        isOnSuccessor = try moveTo(entry.key)
    }

    /// The element under the cursor; nil when it is on none.
    package func current() throws(BoltError) -> Entry? {
        guard let leaf = stack.last, leaf.tree.isLeaf, leaf.index < leaf.tree.count else { return nil }
        return try withCurrent { (key, value) throws(BoltError) -> Entry in
            Entry(key: [UInt8](key), value: value.map { [UInt8]($0) })
        }
    }

    // MARK: Without copying

    /// Calls `body` with the element under the cursor, which a `move…` that returned true has put there.
    func withCurrent<R>(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws(BoltError) -> R
    ) throws(BoltError) -> R {
        try bucket.requireOpen()
        guard let leaf = stack.last, leaf.tree.isLeaf, leaf.index < leaf.tree.count else { throw .closed }
        return try leaf.tree.withItem(leaf.index) { (key, value) throws(BoltError) -> R in
            try body(key, leaf.tree.flags(leaf.index) & Format.bucketElement == 0 ? value : nil)
        }
    }

    mutating func moveToFirst() throws(BoltError) -> Bool {
        try bucket.requireOpen()
        isOnSuccessor = false
        stack = [Level(tree: try bucket.top(), index: 0)]
        try descend(toLast: false)
        return try settle()
    }

    mutating func moveTo(_ key: [UInt8]) throws(BoltError) -> Bool {
        try bucket.requireOpen()
        isOnSuccessor = false
        stack = []
        let (leaf, index) = try key.withRaw { (raw) throws(BoltError) -> (TreeNode, Int) in
            var tree = try bucket.top()
            while !tree.isLeaf {
                guard tree.count > 0, stack.count < Format.maxDepth else { throw bucket.tooDeep() }
                let index = try tree.childIndex(for: raw)
                stack.append(Level(tree: tree, index: index))
                tree = try bucket.child(index, of: tree)
            }
            return (tree, try tree.search(raw).index)
        }
        stack.append(Level(tree: leaf, index: index))
        return try settle()
    }

    mutating func moveToNext() throws(BoltError) -> Bool {
        try bucket.requireOpen()
        if isOnSuccessor {
            isOnSuccessor = false
            return true
        }
        guard !stack.isEmpty else { return false }
        let before = stack
        stack[stack.count - 1].index += 1
        if try settle() { return true }
        stack = before
        return false
    }

    /// Whether the cursor is on an element, after moving over the ends of leaves to the next one that has any.
    private mutating func settle() throws(BoltError) -> Bool {
        while let leaf = stack.last {
            if leaf.tree.isLeaf, leaf.index < leaf.tree.count { return true }
            stack.removeLast()
            guard let parent = stack.last else { return false }
            if parent.index + 1 < parent.tree.count {
                stack[stack.count - 1].index += 1
                try descend(toLast: false)
            } else {
                // Leaves the parent behind its end, so that the next round climbs on.
                stack[stack.count - 1].index = parent.tree.count
            }
        }
        return false
    }

    /// From the top of the stack down to a leaf, along first or last children.
    private mutating func descend(toLast: Bool) throws(BoltError) {
        while let level = stack.last, !level.tree.isLeaf {
            guard level.tree.count > 0, stack.count < Format.maxDepth else { throw bucket.tooDeep() }
            let child = try bucket.child(level.index, of: level.tree)
            stack.append(Level(tree: child, index: toLast ? max(0, child.count - 1) : 0))
        }
    }
}
