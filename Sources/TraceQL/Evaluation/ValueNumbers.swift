/// Numbers the distinct values of one column as they are met: 0, 1, 2, …
struct ValueNumbers {
    private let column: ValueColumn
    private let operand: Operand
    /// For each number a row with its value.
    private var rows: [Int] = []
    /// By a string's code; `unknown` before it is met.
    private var codes: [Int32]
    private var others: [Key: Int32] = [:]
    private var previous: (key: Key, number: Int32)?

    private static let unknown: Int32 = -1
    private static let none: Int32 = -2

    private struct Key: Hashable {
        let tag: UInt8
        let bits: UInt64
    }

    init(_ column: ValueColumn, _ operand: Operand) {
        self.column = column
        self.operand = operand
        codes = [Int32](repeating: Self.unknown, count: column.dictionary.count)
    }

    /// How many values were met.
    var count: Int { rows.count }

    /// A value as the language shows it.
    func value(_ number: Int) -> Value { operand.presented(column.value(rows[number])) }

    /// The number of a row's value; nil for no value, and for what is worth no count: maps, what is not a number, and
    /// built-in texts that are empty.
    mutating func number(_ row: Int) -> Int? {
        let tag = column.tags[row]
        if tag == ValueColumn.Tag.missing.rawValue || tag == ValueColumn.Tag.opaque.rawValue { return nil }
        if tag == ValueColumn.Tag.string.rawValue {
            let code = Int(column.bits[row])
            if codes[code] == Self.unknown { codes[code] = isEmptyText(row) ? Self.none : append(row) }
            return codes[code] < 0 ? nil : Int(codes[code])
        }
        let key = Key(tag: tag, bits: column.bits[row])
        if let previous, previous.key == key { return Int(previous.number) }
        if tag == ValueColumn.Tag.double.rawValue, Double(bitPattern: key.bits).isNaN { return nil }
        let number: Int32
        if let known = others[key] {
            number = known
        } else {
            number = append(row)
            others[key] = number
        }
        previous = (key, number)
        return Int(number)
    }

    private mutating func append(_ row: Int) -> Int32 {
        rows.append(row)
        return Int32(rows.count - 1)
    }

    private func isEmptyText(_ row: Int) -> Bool {
        guard case .intrinsic = operand else { return false }
        return column.value(row) == .string([])
    }
}
