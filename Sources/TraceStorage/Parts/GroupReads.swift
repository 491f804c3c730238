import Synchronization

/// How many row groups queries have met, and of how many they had to read more than what says that nothing is in there; how
/// many parts lookups by id had to search.
package final class GroupReads: Sendable {
    /// One row group in one query: counted when the query is done with it.
    final class Use: Sendable {
        private let reads: GroupReads
        private let isRead = Atomic<Bool>(false)
        private let isAsked = Atomic<Bool>(false)

        init(_ reads: GroupReads) {
            self.reads = reads
        }

        deinit {
            if isRead.load(ordering: .relaxed) {
                reads.read.add(1, ordering: .relaxed)
            } else if isAsked.load(ordering: .relaxed) {
                reads.skipped.add(1, ordering: .relaxed)
            }
        }

        /// Notes that the group was asked what it has not.
        func noteAsked() { if !isAsked.load(ordering: .relaxed) { isAsked.store(true, ordering: .relaxed) } }

        /// Notes that something of the group was read.
        func noteRead() { if !isRead.load(ordering: .relaxed) { isRead.store(true, ordering: .relaxed) } }
    }

    private let read = Atomic<Int>(0)
    private let skipped = Atomic<Int>(0)
    private let searched = Atomic<Int>(0)

    init() {}

    /// Notes that a part was searched for the id of a trace, since its filter does not say that it has none of it.
    func noteSearch() { searched.add(1, ordering: .relaxed) }

    /// Takes what was counted since the last time.
    ///
    /// - Returns: row groups that were read; those that were not since they said that they do not have what was looked for;
    ///   parts that were searched for ids.
    package func take() -> (read: Int, skipped: Int, searched: Int) {
        (
            read.exchange(0, ordering: .relaxed), skipped.exchange(0, ordering: .relaxed),
            searched.exchange(0, ordering: .relaxed)
        )
    }
}
