/// Strings of a column, row by row.
struct StoredValues: Sendable {
    let strings: StoredStrings
    /// For each row the index of its string.
    let codes: [UInt64]

    var memory: Int { strings.memory + codes.count * 8 }
}
