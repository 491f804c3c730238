/// Strings of a column, row by row.
struct StoredValues: Sendable {
    let strings: StoredStrings
    /// For each row the index of its string.
    let codes: [UInt64]

    var memory: Int { strings.memory + codes.count * 8 }
}

extension StoredValues {
    /// The strings of some rows, with the same dictionary.
    subscript(rows: Range<Int>) -> StoredValues { StoredValues(strings: strings, codes: Array(codes[rows])) }
}
