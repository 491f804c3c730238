import Durable
import MartletCore

/// Which samples of which series are too old by the rules of retention, at one moment.
struct SeriesExpiry {
    /// Gives the time up to which the samples of a block's series are expired.
    struct Cursor {
        fileprivate var lists: [(series: [UInt32], next: Int, cutoff: Int64)] = []

        /// The series' samples before this time are expired; the minimum when none are. Series come ascending.
        mutating func cutoff(of series: UInt32) -> Int64 {
            for index in lists.indices {
                while lists[index].next < lists[index].series.count, lists[index].series[lists[index].next] < series {
                    lists[index].next += 1
                }
                if lists[index].next < lists[index].series.count, lists[index].series[lists[index].next] == series {
                    return lists[index].cutoff
                }
            }
            return .min
        }
    }

    /// In order of precedence.
    private var rules: [(rule: RetentionRule, cutoff: Int64)] = []

    /// Nothing expires.
    init() {}

    /// What the rules say when the newest block ends at `end`.
    init(_ rules: [RetentionRule], end: Int64) {
        self.rules = rules.map { rule in
            let (cutoff, underflow) = end.subtractingReportingOverflow(rule.keepMs)
            return (rule, underflow ? .min : cutoff)
        }
    }

    /// A cursor over the series of an index.
    func cursor(over index: IndexReader) throws(DurableError) -> Cursor {
        var cursor = Cursor()
        for (rule, cutoff) in rules { cursor.lists.append((try index.select(rule.matchers), 0, cutoff)) }
        return cursor
    }

    /// Whether a block has series all of whose samples there are expired.
    func hasExpired(in block: Block) throws(DurableError) -> Bool {
        let end = block.meta.maxTime
        let due = rules.indices.filter { rules[$0].cutoff >= end && !block.isFree(ofLastOf: precedence($0)) }
        guard let last = due.last else { return false }
        try block.index.verify()
        var taken: [UInt32] = []
        for index in 0...last {
            let series = Postings.subtract(try block.index.select(rules[index].rule.matchers), taken)
            if due.contains(index), !series.isEmpty { return true }
            taken = (taken + series).sorted()
        }
        try block.index.verify()
        for index in due { block.setFree(ofLastOf: precedence(index)) }
        return false
    }

    /// A rule behind those that count before it.
    private func precedence(_ index: Int) -> [RetentionRule] { rules[...index].map(\.rule) }
}
