import MartletCore

/// The values of a window that slides over a series, kept in order: NaN first, then ascending.
struct SortedWindow {
    private(set) var values: [Double] = []

    /// Takes a value in.
    mutating func add(_ value: Double) { values.insert(value, at: position(of: value)) }

    /// Lets a value go that is in the window.
    mutating func remove(_ value: Double) { values.remove(at: position(of: value)) }

    /// Forgets all values and keeps the memory.
    mutating func removeAll() { values.removeAll(keepingCapacity: true) }

    /// The first place whose value is not before `value`.
    private func position(of value: Double) -> Int {
        values.indices.partitioningIndex { place in
            let candidate = values[place]
            return candidate.isNaN ? value.isNaN : !(candidate < value)
        }
    }
}
