/// Numbers the groups of spans that have the same values under some operands.
struct SeriesGroups {
    /// The values of each group, in order of first appearance.
    private(set) var keys: [[Value]] = []
    private var numbers: [[Value]: Int] = [:]
    private let slots: [Int]
    // Of the table at hand: pairs of (group so far, bits of the next operand) → number.
    private var table = -1
    private var steps: [[StepKey: Int]]
    private var resolved: [Int: Int] = [:]

    private struct StepKey: Hashable {
        let prefix: Int
        let tag: UInt8
        let bits: UInt64
    }

    init(slots: [Int]) {
        self.slots = slots
        steps = [[StepKey: Int]](repeating: [:], count: slots.count)
    }

    /// The group of a row.
    mutating func number(_ context: TableContext, row: Int) -> Int {
        if slots.isEmpty {
            if keys.isEmpty { keys.append([]) }
            return 0
        }
        if context.index != table {
            table = context.index
            for position in steps.indices { steps[position].removeAll(keepingCapacity: true) }
            resolved.removeAll(keepingCapacity: true)
        }
        var prefix = 0
        for position in slots.indices {
            let key: StepKey
            if context.isPerSpan(slots[position]) {
                let (tag, bits) = context.raw(slots[position], row: row)
                key = StepKey(prefix: prefix, tag: tag, bits: bits)
            } else {
                // Values of events and links: as many as there are distinct ones; the row stands for its own.
                key = StepKey(prefix: prefix, tag: .max, bits: UInt64(row))
            }
            if let known = steps[position][key] {
                prefix = known
            } else {
                let next = (steps[position].count + 1) << 3 | position
                steps[position][key] = next
                prefix = next
            }
        }
        if let known = resolved[prefix] { return known }
        let values = slots.map { context.value($0, row: row) }
        let number: Int
        if let known = numbers[values] {
            number = known
        } else {
            number = keys.count
            numbers[values] = number
            keys.append(values)
        }
        resolved[prefix] = number
        return number
    }
}
