/// Who is whose parent among the spans of one trace. Traces without a root have several tops and work the same.
struct TraceTree {
    /// The index of each span's parent; -1 when it has none or it is not stored.
    let parents: [Int32]
    let parentIDs: [UInt64]
    private let starts: [UInt64]

    init(ids: [UInt64], parentIDs: [UInt64], starts: [UInt64]) {
        self.parentIDs = parentIDs
        self.starts = starts
        var parents = [Int32](repeating: -1, count: ids.count)
        if ids.count <= 24 {
            for span in ids.indices where parentIDs[span] != 0 {
                for other in ids.indices where ids[other] == parentIDs[span] && other != span {
                    parents[span] = Int32(other)
                    break
                }
            }
        } else {
            var places = [UInt64: Int32](minimumCapacity: ids.count)
            for span in ids.indices.reversed() { places[ids[span]] = Int32(span) }
            for span in ids.indices where parentIDs[span] != 0 {
                if let place = places[parentIDs[span]], place != Int32(span) { parents[span] = place }
            }
        }
        self.parents = parents
    }

    /// The spans of `right` that lie so to a span of `left`.
    func related(_ relation: Relation, left: Bitmap, right: Bitmap) -> Bitmap {
        var result: Bitmap
        switch relation {
        case .child:
            result = Bitmap(count: parents.count) { parents[$0] >= 0 && left[Int(parents[$0])] }
        case .parent:
            result = Bitmap(count: parents.count)
            left.forEach { if parents[$0] >= 0 { result[Int(parents[$0])] = true } }
        case .descendant:
            result = descendants(of: left)
        case .ancestor:
            result = ancestors(of: left)
        case .sibling:
            result = siblings(of: left)
        }
        result.formIntersection(right)
        return result
    }

    private func siblings(of left: Bitmap) -> Bitmap {
        var counts: [UInt64: Int] = [:]
        left.forEach { if parentIDs[$0] != 0 { counts[parentIDs[$0], default: 0] += 1 } }
        return Bitmap(count: parents.count) { span in
            (counts[parentIDs[span]] ?? 0) > (left[span] ? 1 : 0)
        }
    }

    private func descendants(of left: Bitmap) -> Bitmap {
        // 0 unknown, 1 on the path now, 2 no, 3 yes. A cycle ends where the path meets itself.
        var state = [UInt8](repeating: 0, count: parents.count)
        var path: [Int] = []
        for span in parents.indices where state[span] == 0 {
            path.removeAll(keepingCapacity: true)
            var current = span
            var found = false
            while true {
                if state[current] != 0 {
                    found = state[current] == 3
                    break
                }
                state[current] = 1
                path.append(current)
                let parent = Int(parents[current])
                if parent < 0 { break }
                if left[parent] {
                    found = true
                    break
                }
                current = parent
            }
            for visited in path.reversed() {
                // Below a span of `left` everything is a descendant.
                let parent = Int(parents[visited])
                if parent >= 0, left[parent] { found = true }
                state[visited] = found ? 3 : 2
            }
        }
        return Bitmap(count: parents.count) { state[$0] == 3 }
    }

    private func ancestors(of left: Bitmap) -> Bitmap {
        var result = Bitmap(count: parents.count)
        left.forEach { span in
            var current = Int(parents[span])
            while current >= 0, !result[current] {
                result[current] = true
                current = Int(parents[current])
            }
        }
        return result
    }

    /// How many direct children each span has.
    func childCounts() -> [Int64] {
        var counts = [Int64](repeating: 0, count: parents.count)
        for parent in parents where parent >= 0 { counts[Int(parent)] += 1 }
        return counts
    }

    /// Nested-set numbers: left and right count up from 1 over all trees of the trace, ordered by start; the parent's is the
    /// parent's left, -1 for a root, 0 below a span that is not stored. Spans in a cycle have zeros.
    func nestedSet() -> [(left: Int64, right: Int64, parent: Int64)] {
        var children = [[Int32]](repeating: [], count: parents.count)
        var tops: [Int32] = []
        for span in parents.indices.sorted(by: { (starts[$0], $0) < (starts[$1], $1) }) {
            let parent = parents[span]
            if parent >= 0 { children[Int(parent)].append(Int32(span)) } else { tops.append(Int32(span)) }
        }
        var numbers = [(left: Int64, right: Int64, parent: Int64)](repeating: (0, 0, 0), count: parents.count)
        var next: Int64 = 1
        for top in tops {
            numbers[Int(top)] = (next, 0, parentIDs[Int(top)] == 0 ? -1 : 0)
            next += 1
            var stack: [(span: Int, child: Int)] = [(Int(top), 0)]
            while let last = stack.last {
                if last.child < children[last.span].count {
                    stack[stack.count - 1].child += 1
                    let child = Int(children[last.span][last.child])
                    numbers[child] = (next, 0, numbers[last.span].left)
                    next += 1
                    stack.append((child, 0))
                } else {
                    numbers[last.span].right = next
                    next += 1
                    stack.removeLast()
                }
            }
        }
        return numbers
    }
}
