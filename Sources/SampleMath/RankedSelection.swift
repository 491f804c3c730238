/// topk and bottomk: per group and step the k series with the largest or smallest values.
package struct RankedSelection: Sendable {
    private struct Entry {
        var value: Double
        var series: Int
    }

    private let steps: Int
    private let largest: Bool
    /// One k per step; 0 or less selects nothing.
    private let limits: [Int]
    /// Flat, group after group: a binary heap whose root is the worst that is kept.
    private var heaps: [[Entry]] = []

    package init(largest: Bool, limits: [Int]) {
        self.largest = largest
        self.limits = limits
        steps = limits.count
    }

    /// Offers one series' column to a group.
    package mutating func add(_ column: UnsafeBufferPointer<Double>, series: Int, to group: Int) {
        if heaps.count < (group + 1) * steps {
            heaps += repeatElement([], count: (group + 1) * steps - heaps.count)
        }
        for step in 0..<steps where limits[step] > 0 && !Missing.isMissing(column[step]) {
            let entry = Entry(value: column[step], series: series)
            let heap = group * steps + step
            if heaps[heap].count < limits[step] {
                heaps[heap].append(entry)
                siftUp(&heaps[heap])
            } else if isWorse(heaps[heap][0].value, than: entry.value) {
                heaps[heap][0] = entry
                siftDown(&heaps[heap])
            }
        }
    }

    /// The series kept in a group at a step, best first.
    package func selected(group: Int, step: Int) -> [Int] {
        let heap = group * steps + step
        guard heap < heaps.count else { return [] }
        return heaps[heap].sorted { a, b in
            if isWorse(b.value, than: a.value) { return true }
            if isWorse(a.value, than: b.value) { return false }
            return a.series < b.series
        }.map(\.series)
    }

    /// Strictly worse; NaN is worse than every number.
    private func isWorse(_ a: Double, than b: Double) -> Bool {
        if a.isNaN { return !b.isNaN }
        if b.isNaN { return false }
        return largest ? a < b : a > b
    }

    private func siftUp(_ heap: inout [Entry]) {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isWorse(heap[child].value, than: heap[parent].value) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func siftDown(_ heap: inout [Entry]) {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if isWorse(heap[child].value, than: heap[worst].value) { worst = child }
            }
            if worst == parent { return }
            heap.swapAt(worst, parent)
            parent = worst
        }
    }
}
