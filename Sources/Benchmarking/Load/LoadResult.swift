/// What became of a load.
package struct LoadResult: Sendable {
    /// Why a load was given up.
    package enum End: Sendable, Hashable {
        /// Nothing but refusals.
        case refused(status: Int, reason: String)
        /// Nobody answers.
        case unreachable(reason: String)
    }

    /// Answers of one kind other than that all was taken.
    package struct Problem: Sendable, Hashable {
        /// A status, `rejected` for items of pushes that were taken otherwise, or `no answer`.
        package var kind: String
        /// How many.
        package var count: Int64
        /// What the first one said.
        package var text: String
    }

    /// Pushes that are remembered, evenly over the load.
    private static let sampleSize = 64

    /// All that was sent, acknowledged or not.
    package var sent = Tally()
    /// What was acknowledged in pushes of which nothing was rejected.
    package var acknowledged = Tally()
    /// Items that were acknowledged, including those in pushes of which others were rejected.
    package var items: Int64 = 0
    /// Acknowledged pushes.
    package var pushes: Int64 = 0
    /// Bytes of acknowledged pushes before compression.
    package var rawBytes: Int64 = 0
    /// Bytes of bodies that were sent, those sent again included.
    package var wireBytes: Int64 = 0
    /// Times that acknowledged attempts took.
    package var latency = LatencyHistogram()
    /// Answers 429 and 503.
    package var throttled: Int64 = 0
    /// How long connections waited because of these, added up.
    package var waited = Duration.zero
    /// In the order in which they first came.
    package private(set) var problems: [Problem] = []
    /// From the first push until the last acknowledgement.
    package var elapsed = Duration.zero
    /// The earliest and the latest time in what was sent, Unix nanoseconds; nil when nothing was.
    package var times: ClosedRange<Int64>?
    /// Why it was given up; nil when it was not.
    package var end: End?
    /// Numbers of some pushes that were acknowledged whole.
    package private(set) var sample: [Int64] = []
    /// CPU seconds that the processes of the server took, and the most memory that they had at a time; nil when not asked for.
    package var process: ProcessUse?
    /// Whether all pushes there are were sent: no time ran out and nobody interrupted.
    package var isComplete = false

    private var sampleStride: Int64 = 1

    /// Nothing yet.
    package init() {}

    /// Whether all that was sent was acknowledged: then counts can be told exactly.
    package var isExact: Bool { sent == acknowledged }

    /// Counts a push that was acknowledged, but for `rejected` items.
    package mutating func take(_ push: Push, number: Int64, rejected: Int64) {
        items += push.tally.items - rejected
        pushes += 1
        rawBytes += Int64(push.rawBytes)
        guard rejected == 0 else { return }
        acknowledged += push.tally
        guard pushes % sampleStride == 0 else { return }
        sample.append(number)
        if sample.count == Self.sampleSize {
            sample = sample.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            sampleStride *= 2
        }
    }

    /// Counts an answer of a kind.
    package mutating func note(_ kind: String, _ count: Int64, _ text: String) {
        if let known = problems.firstIndex(where: { $0.kind == kind }) {
            problems[known].count += count
        } else {
            problems.append(Problem(kind: kind, count: count, text: text))
        }
    }
}
