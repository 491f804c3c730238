/// topk and bottomk: per group and step the k series with the largest or smallest values.
package struct RankedSelection: Sendable {
    private let steps: Int
    private let largest: Bool
    /// One k per step; 0 or less selects nothing.
    private let limits: [Int]
    /// Flat, group after group.
    private var heaps: [Heap] = []

    package init(largest: Bool, limits: [Int]) {
        self.largest = largest
        self.limits = limits
        steps = limits.count
    }

    /// Offers one series' column to a group.
    package mutating func add(_ column: UnsafeBufferPointer<Double>, series: Int, to group: Int) {
        if heaps.count < (group + 1) * steps {
            heaps += repeatElement(Heap(), count: (group + 1) * steps - heaps.count)
        }
        let first = group * steps
        for step in 0..<steps where limits[step] > 0 && !Missing.isMissing(column[step]) {
            heaps[first + step].offer(
                Entry(value: column[step], series: series), limit: limits[step], largest: largest)
        }
    }

    /// The series kept in a group at a step, best first.
    package func selected(group: Int, step: Int) -> [Int] {
        let heap = group * steps + step
        return heap < heaps.count ? heaps[heap].sorted(largest: largest).map(\.series) : []
    }

    private struct Entry {
        var value: Double
        var series: Int

        /// Strictly worse; NaN is worse than every number.
        @inline(__always)
        func isWorse(than other: Entry, largest: Bool) -> Bool {
            if value.isNaN { return !other.value.isNaN }
            if other.value.isNaN { return false }
            return largest ? value < other.value : value > other.value
        }
    }

    /// A binary heap whose root is the worst that is kept. It is a value of its own so that one of many is changed in its
    /// place: a method of the whole selection that is lent one of its heaps would first copy them all.
    private struct Heap {
        private var entries: [Entry] = []

        @inline(__always)
        mutating func offer(_ entry: Entry, limit: Int, largest: Bool) {
            if entries.count < limit {
                entries.append(entry)
                siftUp(largest: largest)
            } else if entries[0].isWorse(than: entry, largest: largest) {
                entries[0] = entry
                siftDown(largest: largest)
            }
        }

        /// Best first; of equal ones the series that came first.
        func sorted(largest: Bool) -> [Entry] {
            entries.sorted { a, b in
                if b.isWorse(than: a, largest: largest) { return true }
                if a.isWorse(than: b, largest: largest) { return false }
                return a.series < b.series
            }
        }

        private mutating func siftUp(largest: Bool) {
            var child = entries.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard entries[child].isWorse(than: entries[parent], largest: largest) else { return }
                entries.swapAt(child, parent)
                child = parent
            }
        }

        private mutating func siftDown(largest: Bool) {
            var parent = 0
            while true {
                var worst = parent
                for child in 2 * parent + 1..<max(2 * parent + 1, min(2 * parent + 3, entries.count))
                where entries[child].isWorse(than: entries[worst], largest: largest) {
                    worst = child
                }
                if worst == parent { return }
                entries.swapAt(worst, parent)
                parent = worst
            }
        }
    }
}
