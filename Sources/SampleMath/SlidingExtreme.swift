/// The largest or the smallest value of a window that slides over a series, at a constant cost per sample.
///
/// A queue holds the positions that may still become the extreme: a sample that comes in drives out those before it that it
/// beats, so that values fall (or rise) from the front of the queue to its end, and the extreme is at the front.
struct SlidingExtreme {
    private let largest: Bool
    /// Positions in the series; those before `front` have left.
    private var queue: [Int] = []
    private var front = 0

    init(largest: Bool) {
        self.largest = largest
    }

    /// Takes the next sample into the window. Of equal values the later stays; any number beats NaN.
    @inline(__always)
    mutating func add(_ position: Int, _ values: UnsafeBufferPointer<Double>) {
        let value = values[position]
        while queue.count > front, let last = queue.last, beats(value, values[last]) { queue.removeLast() }
        queue.append(position)
    }

    /// The position of the extreme among the samples from `low` on; there is at least one.
    @inline(__always)
    mutating func position(from low: Int) -> Int {
        while queue[front] < low { front += 1 }
        return queue[front]
    }

    /// Forgets all samples and keeps the memory.
    mutating func removeAll() {
        queue.removeAll(keepingCapacity: true)
        front = 0
    }

    @inline(__always)
    private func beats(_ value: Double, _ other: Double) -> Bool {
        (largest ? value >= other : value <= other) || other.isNaN
    }
}
