/// Walks the whole file and names everything that contradicts the format, by the rules of bolt's own check: each page
/// below the high-water mark is reachable exactly once or free, never both or neither; keys rise and stay inside the
/// range their parent gives them.
struct Checker {
    private let tx: Tx
    private var reachable: [Bool]
    private(set) var problems: [BoltError] = []

    init(_ tx: Tx) {
        self.tx = tx
        // Bounded by the file's length, which was checked when it was opened.
        reachable = [Bool](repeating: false, count: Int(tx.meta.highWater))
    }

    /// Marks what the tree and the freelist's own pages take, noting problems; throws when a page cannot be read.
    mutating func walk() throws(BoltError) {
        reachable[0] = true
        reachable[1] = true
        if tx.meta.freelist != Format.noFreelist {
            let overflow: UInt32 = try tx.pageBytes(tx.meta.freelist).little(at: 12)
            mark(tx.meta.freelist, count: Int(overflow) + 1)
        }
        try walk(tx.rootBucket)
    }

    /// The pages no walk has reached, ascending.
    func unreachable() -> [UInt64] {
        reachable.indices.filter { !reachable[$0] }.map { UInt64($0) }
    }

    /// Compares the free pages with what the walk has reached.
    mutating func compare(free: [UInt64]) {
        var isFree = [Bool](repeating: false, count: reachable.count)
        for id in free {
            guard id < tx.meta.highWater else {
                problems.append(.corrupt("is free but outside the file", page: id))
                continue
            }
            if isFree[Int(id)] { problems.append(.corrupt("is on the freelist twice", page: id)) }
            isFree[Int(id)] = true
            if reachable[Int(id)] { problems.append(.corrupt("is both reachable and free", page: id)) }
        }
        for id in reachable.indices where !reachable[id] && !isFree[id] {
            problems.append(.corrupt("is neither reachable nor free", page: UInt64(id)))
        }
    }

    private mutating func mark(_ id: UInt64, count: Int) {
        for page in id..<id + UInt64(count) {
            guard page < tx.meta.highWater else {
                return problems.append(.corrupt("is reachable but outside the file", page: page))
            }
            if reachable[Int(page)] { problems.append(.corrupt("is reachable twice", page: page)) }
            reachable[Int(page)] = true
        }
    }

    private mutating func walk(_ bucket: Bucket) throws(BoltError) {
        try walk(bucket.top(), of: bucket, above: nil, below: nil, depth: 0)
    }

    /// Checks the subtree under `tree`, whose keys lie in `above..<below`; gives its first key.
    private mutating func walk(
        _ tree: TreeNode, of bucket: Bucket, above: [UInt8]?, below: [UInt8]?, depth: Int
    ) throws(BoltError) {
        guard depth < Format.maxDepth else { throw bucket.tooDeep() }
        guard case .page(let page) = tree else { return }
        if page.id != 0 {
            // A page seen before may lie on a loop: do not follow it again.
            let isKnown = reachable[Int(page.id)]
            mark(page.id, count: page.overflow + 1)
            if isKnown { return }
        }
        var keys: [[UInt8]] = []
        for index in 0..<page.count { keys.append([UInt8](try page.key(index))) }
        check(keys, of: page, above: above, below: below)
        for index in 0..<page.count {
            if page.isLeaf {
                guard page.flags(index) & Format.bucketElement != 0 else {
                    _ = try page.value(index)
                    continue
                }
                try walk(Bucket(tx: tx, value: page.value(index)))
            } else {
                try walk(
                    bucket.child(index, of: tree), of: bucket, above: keys[index],
                    below: index + 1 < keys.count ? keys[index + 1] : below, depth: depth + 1)
            }
        }
    }

    private mutating func check(_ keys: [[UInt8]], of page: Page, above: [UInt8]?, below: [UInt8]?) {
        var previous: [UInt8]?
        for key in keys {
            if key.isEmpty { problems.append(.corrupt("has an empty key", page: page.id)) }
            if let previous, !previous.lexicographicallyPrecedes(key) {
                problems.append(.corrupt("has keys out of order", page: page.id))
            }
            if let above, key.lexicographicallyPrecedes(above) {
                problems.append(.corrupt("has a key below its parent's range", page: page.id))
            }
            if let below, !key.lexicographicallyPrecedes(below) {
                problems.append(.corrupt("has a key above its parent's range", page: page.id))
            }
            previous = key
        }
    }
}

extension DB {
    /// Everything in the last commit that contradicts the format; empty for a sound file. Reads the whole file.
    package func check() throws -> [BoltError] {
        try view { tx in
            var checker = Checker(tx)
            do throws(BoltError) {
                try checker.walk()
                if tx.meta.freelist != Format.noFreelist {
                    let bytes = try tx.pageBytes(tx.meta.freelist)
                    checker.compare(
                        free: try Freelist.decode(bytes, id: tx.meta.freelist, highWater: tx.meta.highWater))
                }
            } catch {
                return checker.problems + [error]
            }
            return checker.problems
        }
    }
}
