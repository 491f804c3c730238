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
    /// For each slot the table's column, tags and bits apart; empty for fields of events and links.
    private var tags: [[UInt8]] = []
    private var bits: [[UInt64]] = []
    /// With one operand that holds strings: its column, and the group of each string's code, -1 when not known.
    private var codeTags: [UInt8] = []
    private var codeBits: [UInt64] = []
    private var codeGroups: [Int32] = []
    private var previousRow = -1
    private var previousGroup = 0

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
        if context.index != table { begin(context) }
        if !codeGroups.isEmpty, codeTags[row] == ValueColumn.Tag.string.rawValue {
            let code = Int(codeBits[row])
            if codeGroups[code] < 0 { codeGroups[code] = Int32(lookUp(context, row: row)) }
            return Int(codeGroups[code])
        }
        return lookUp(context, row: row)
    }

    private mutating func lookUp(_ context: TableContext, row: Int) -> Int {
        // Neighbours often have the same values.
        if previousRow >= 0, hasValues(of: previousRow, row) {
            previousRow = row
            return previousGroup
        }
        var prefix = 0
        for position in slots.indices {
            let key: StepKey
            if !tags[position].isEmpty {
                key = StepKey(prefix: prefix, tag: tags[position][row], bits: bits[position][row])
            } else {
                // Values of events and links: the row stands for its own.
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
        let group = resolved[prefix] ?? resolve(prefix, context, row)
        previousRow = row
        previousGroup = group
        return group
    }

    private mutating func begin(_ context: TableContext) {
        table = context.index
        for position in steps.indices { steps[position].removeAll(keepingCapacity: true) }
        resolved.removeAll(keepingCapacity: true)
        let columns = slots.map { context.isPerSpan($0) ? context.column($0) : ValueColumn(count: 0) }
        tags = columns.map(\.tags)
        bits = columns.map(\.bits)
        let isByCode = columns.count == 1 && !columns[0].tags.isEmpty
        codeTags = isByCode ? columns[0].tags : []
        codeBits = isByCode ? columns[0].bits : []
        codeGroups = isByCode ? [Int32](repeating: -1, count: columns[0].dictionary.count) : []
        previousRow = -1
    }

    private func hasValues(of other: Int, _ row: Int) -> Bool {
        for position in tags.indices {
            if tags[position].isEmpty || tags[position][row] != tags[position][other] { return false }
            if bits[position][row] != bits[position][other] { return false }
        }
        return true
    }

    private mutating func resolve(_ prefix: Int, _ context: TableContext, _ row: Int) -> Int {
        let values = slots.map { context.value($0, row: row) }
        let number = numbers[values] ?? keys.count
        if number == keys.count {
            numbers[values] = number
            keys.append(values)
        }
        resolved[prefix] = number
        return number
    }
}
