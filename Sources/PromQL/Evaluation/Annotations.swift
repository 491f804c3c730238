import MartletCore
import SampleMath

/// Warnings and remarks that a query collects, worded as Prometheus does.
struct Annotations {
    /// Something that happens at many steps and is told once.
    private struct Counted {
        var text: String
        var position: String
        var count: Int
    }

    private var plainWarnings: [String] = []
    private var plainInfos: [String] = []
    private var overlaps: [Counted] = []
    private var repairs: [MonotonicityRepair] = []
    /// Needed for positions.
    private let query: [UInt8]

    init(query: [UInt8]) {
        self.query = query
    }

    /// Complete texts, without duplicates.
    var warnings: [String] {
        plainWarnings
            + overlaps.map { overlap in
                let times = overlap.count > 1 ? " (\(overlap.count) occurrences)" : ""
                return "PromQL warning: \(overlap.text)\(times)\(overlap.position)"
            }
    }

    /// Complete texts, without duplicates.
    var infos: [String] { plainInfos + repairs.map { "PromQL info: \($0.text)" } }

    mutating func warn(_ text: String, at range: Range<Int>) {
        let full = "PromQL warning: \(text)\(position(range))"
        if !plainWarnings.contains(full) { plainWarnings.append(full) }
    }

    mutating func inform(_ text: String, at range: Range<Int>) {
        let full = "PromQL info: \(text)\(position(range))"
        if !plainInfos.contains(full) { plainInfos.append(full) }
    }

    /// Warns of every φ that is no number between 0 and 1.
    mutating func checkQuantiles(_ values: [Double], at range: Range<Int>) {
        if values.contains(where: \.isNaN) {
            warn("quantile value should be between 0 and 1, got NaN", at: range)
        }
        let numbers = values.filter { !$0.isNaN }
        for value in [numbers.max() ?? 0, numbers.min() ?? 0] where value > 1 || value < 0 {
            warn("quantile value should be between 0 and 1, got \(FloatText.general(value))", at: range)
        }
    }

    // MARK: Told once

    /// A sample that counts from before the sample before it.
    mutating func warnOfOverlap(_ metric: String, at range: Range<Int>) {
        let text =
            "sample has start time that overlaps with previous sample timestamp for metric \(GoQuote.quote(metric))"
        let position = position(range)
        if let index = overlaps.firstIndex(where: { $0.text == text && $0.position == position }) {
            overlaps[index].count += 1
        } else {
            overlaps.append(Counted(text: text, position: position, count: 1))
        }
    }

    /// Buckets of a classic histogram that had to be made to rise, at a step (milliseconds).
    mutating func informOfRepair(
        _ metric: String, _ repair: ClassicBuckets.Repair, time: Int64, at range: Range<Int>
    ) {
        let new = MonotonicityRepair(metric: metric, position: position(range), repair: repair, time: time)
        if let index = repairs.firstIndex(where: { $0.metric == metric && $0.position == new.position }) {
            repairs[index].merge(new)
        } else {
            repairs.append(new)
        }
    }

    /// ` (line:column)`.
    private func position(_ range: Range<Int>) -> String {
        let error = ParseError("", at: range, in: query)
        return " (\(error.line):\(error.column))"
    }
}
