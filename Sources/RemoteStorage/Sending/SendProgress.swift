package import Durable
import MartletCore

/// How far a queue has come in the log. Records are numbered as they are read, and sent in any order; acknowledged is what
/// lies before the first record of which anything is not done.
package struct SendProgress: Sendable {
    private struct Record {
        var left: Int
        let end: RecordPosition
    }

    /// All records before it are done.
    package private(set) var acknowledged: RecordPosition
    /// No sample of a record behind it was ever in a request.
    package private(set) var handedOut: RecordPosition
    /// The records behind `acknowledged`; the first has the number `first`.
    private var records: [Record] = []
    private var first: UInt64 = 0
    /// Records at the front of `records` that are done and not yet removed.
    private var done = 0

    /// A queue that goes on behind `acknowledged`.
    package init(acknowledged: RecordPosition, handedOut: RecordPosition) {
        self.acknowledged = acknowledged
        self.handedOut = handedOut
    }

    /// The number that the next record gets.
    package var next: UInt64 { first + UInt64(records.count) }

    /// Takes the next record: how many of its samples are to be sent, and where it ends.
    package mutating func begin(samples: Int, end: RecordPosition) {
        records.append(Record(left: samples, end: end))
        advance()
    }

    /// Samples of a record are in a request that is about to be sent. True when `handedOut` has moved.
    package mutating func handOut(_ record: UInt64) -> Bool {
        guard record >= first, record < next else { return false }
        let end = records[Int(record - first)].end
        guard end > handedOut else { return false }
        handedOut = end
        return true
    }

    /// A sample of a record was sent, or given up for good.
    package mutating func finish(_ record: UInt64) {
        guard record >= first, record < next else { return }
        records[Int(record - first)].left -= 1
        advance()
    }

    private mutating func advance() {
        while done < records.count, records[done].left == 0 {
            acknowledged = records[done].end
            done += 1
        }
        // Removed in bulk: an array gives up its front only by moving the rest.
        guard done > 64, done * 2 > records.count else { return }
        records.removeFirst(done)
        first += UInt64(done)
        done = 0
    }
}
