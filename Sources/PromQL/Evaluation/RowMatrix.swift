import Glibc

/// A run of doubles that grows at its end, in memory that grows where it lies.
///
/// An array that grows holds the old memory and the new at once, and the new is twice the old: a subquery's hundreds of
/// megabytes would take three times what they need. `realloc` moves the pages of a large block instead of copying them, and
/// those beyond the end are not touched. Not `Sendable`: one thread evaluates a query.
final class RowMatrix {
    private var base: UnsafeMutablePointer<Double>?
    private var capacity = 0
    /// Doubles held.
    private(set) var count = 0

    init() {}

    /// A copy of another.
    init(copying other: RowMatrix) {
        other.withBuffer { append($0) }
    }

    deinit {
        free(base)
    }

    /// Makes room for as many doubles in all.
    func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        let size = wanted * MemoryLayout<Double>.stride
        guard let grown = realloc(base, size) else { fatalError("no memory for \(size) bytes of a query") }
        base = grown.bindMemory(to: Double.self, capacity: wanted)
        capacity = wanted
    }

    func append(_ values: UnsafeBufferPointer<Double>) {
        guard let source = values.baseAddress, values.count > 0 else { return }
        if count + values.count > capacity { reserve(max(count + values.count, capacity + capacity / 2)) }
        base?.advanced(by: count).initialize(from: source, count: values.count)
        count += values.count
    }

    subscript(index: Int) -> Double {
        @inline(__always) get {
            precondition(index >= 0 && index < count)
            // There is memory, since something is in it.
            return base.unsafelyUnwrapped[index]
        }
        @inline(__always) set {
            precondition(index >= 0 && index < count)
            base.unsafelyUnwrapped[index] = newValue
        }
    }

    /// Calls `body` with all values in place.
    func withBuffer<R>(_ body: (UnsafeBufferPointer<Double>) -> R) -> R {
        body(UnsafeBufferPointer(start: base, count: count))
    }
}
