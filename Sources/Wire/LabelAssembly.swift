package import MartletCore

/// Puts labels that arrive in any order into one canonical label set. One value assembles many sets: its storage stays.
/// The bytes of what was added must outlive the call to `finish`.
package struct LabelAssembly {
    private struct Pair {
        var name: UnsafeRawBufferPointer
        var value: UnsafeRawBufferPointer
    }

    private var pairs: [Pair] = []
    private var isAscending = true
    private var size = 0

    /// An empty set.
    package init() {}

    /// Forgets all labels.
    package mutating func reset() {
        pairs.removeAll(keepingCapacity: true)
        isAscending = true
        size = 0
    }

    /// Adds a label; one with an empty value counts as absent.
    package mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        if isAscending, let last = pairs.last, Bytes.compare(last.name, name) >= 0 { isAscending = false }
        pairs.append(Pair(name: name, value: value))
        // Two lengths of at most five bytes each.
        size += name.count + value.count + 10
    }

    /// Adds the metric's name.
    package mutating func addMetricName(_ name: UnsafeRawBufferPointer) {
        let label: StaticString = "__name__"
        add(UnsafeRawBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount), name)
    }

    /// The first name that was added twice, or nil.
    package mutating func duplicateName() -> UnsafeRawBufferPointer? {
        sort()
        guard pairs.count > 1 else { return nil }
        for index in 1..<pairs.count where Bytes.equal(pairs[index - 1].name, pairs[index].name) {
            return pairs[index].name
        }
        return nil
    }

    /// Names of the labels that `finish` leaves out since their value is empty.
    package var emptyNames: [String] {
        pairs.compactMap { $0.value.isEmpty ? String(decoding: $0.name, as: UTF8.self) : nil }
    }

    /// The canonical set; of equal names the one added last counts.
    package mutating func finish() -> Labels {
        sort()
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(size)
        for index in pairs.indices {
            let pair = pairs[index]
            if pair.value.isEmpty { continue }
            if index + 1 < pairs.count, Bytes.equal(pair.name, pairs[index + 1].name) { continue }
            writer.uvarint(UInt64(pair.name.count))
            writer.append(pair.name)
            writer.uvarint(UInt64(pair.value.count))
            writer.append(pair.value)
        }
        return Labels(canonicalBytes: writer.bytes)
    }

    /// Insertion sort: label sets are short, mostly sorted, and equal names must keep their order.
    private mutating func sort() {
        if isAscending { return }
        isAscending = true
        if pairs.count > 64 {
            // Hostile sets must not cost a quadratic sort. Ties by position keep it stable.
            let ordered = pairs.enumerated().sorted { left, right in
                let order = Bytes.compare(left.element.name, right.element.name)
                return order == 0 ? left.offset < right.offset : order < 0
            }
            pairs = ordered.map(\.element)
            return
        }
        for index in 1..<pairs.count {
            let pair = pairs[index]
            var at = index
            while at > 0, Bytes.compare(pairs[at - 1].name, pair.name) > 0 {
                pairs[at] = pairs[at - 1]
                at -= 1
            }
            pairs[at] = pair
        }
    }
}
