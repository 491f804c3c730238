import MartletCore

/// The values of a window that slides over a series, kept in order: NaN first, then ascending.
struct SortedWindow {
    private(set) var values: [Double] = []
    /// Memory for the next values.
    private var spare: [Double] = []
    /// So many values come and go one by one; more are worth one copy of the window, however large it is.
    private static let fewValues = 4

    /// Lets values go that are in the window, and takes others in.
    mutating func slide(leaving: ArraySlice<Double>, entering: ArraySlice<Double>) {
        if leaving.count + entering.count > Self.fewValues {
            rebuild(leaving.sorted(by: Self.precedes), entering.sorted(by: Self.precedes))
        } else {
            for value in entering { values.insert(value, at: position(of: value, from: 0)) }
            for value in leaving { values.remove(at: position(of: value, from: 0)) }
        }
    }

    /// Forgets all values and keeps the memory.
    mutating func removeAll() { values.removeAll(keepingCapacity: true) }

    /// Copies what is between the values that leave or enter, both in order.
    private mutating func rebuild(_ leaving: [Double], _ entering: [Double]) {
        spare.removeAll(keepingCapacity: true)
        spare.reserveCapacity(values.count + entering.count)
        var (copied, left, entered) = (0, 0, 0)
        while left < leaving.count || entered < entering.count {
            let leaves =
                entered == entering.count
                || left < leaving.count && !Self.precedes(entering[entered], leaving[left])
            let value = leaves ? leaving[left] : entering[entered]
            let place = position(of: value, from: copied)
            spare += values[copied..<place]
            if leaves {
                copied = place + 1
                left += 1
            } else {
                spare.append(value)
                copied = place
                entered += 1
            }
        }
        spare += values[copied...]
        swap(&values, &spare)
    }

    private static func precedes(_ a: Double, _ b: Double) -> Bool { a.isNaN ? !b.isNaN : a < b }

    /// The first place from one on whose value is not before `value`.
    private func position(of value: Double, from start: Int) -> Int {
        (start..<values.count).partitioningIndex { !Self.precedes(values[$0], value) }
    }
}
