/// One entry of the journal.
package struct JournalEntry: Sendable {
    /// Its fields without MESSAGE; of a field that occurs twice, the first.
    package let fields: [String: String]
    /// The MESSAGE field's bytes; empty when the entry has none.
    package let message: [UInt8]
    /// Unix time in nanoseconds (the journal keeps microseconds).
    package let timestamp: Int64
}
