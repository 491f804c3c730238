/// What became of a batch.
package struct AppendResult: Sendable {
    /// A sample that was not taken.
    package struct Rejected: Sendable {
        /// Index of the batch's entry.
        package let entry: Int
        /// The sample's time in milliseconds.
        package let timeMs: Int64
        /// Why.
        package let reason: SampleRejection
    }

    /// Samples taken. Repeating a series' last sample exactly counts as taken. Samples of tentative entries are among them.
    package internal(set) var appended = 0
    /// Exemplars taken.
    package internal(set) var exemplars = 0
    /// Series that were new.
    package internal(set) var created = 0
    /// Samples not taken, in order.
    package internal(set) var rejected: [Rejected] = []

    mutating func reject(_ entry: Int, _ timeMs: Int64, _ reason: SampleRejection) {
        rejected.append(Rejected(entry: entry, timeMs: timeMs, reason: reason))
    }
}
