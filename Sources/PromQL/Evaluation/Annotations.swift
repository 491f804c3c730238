import MartletCore
import SampleMath

/// Warnings and remarks that a query collects, worded as Prometheus does.
struct Annotations {
    private(set) var warnings: [String] = []
    private(set) var infos: [String] = []
    /// Needed for positions.
    private let query: [UInt8]

    init(query: [UInt8]) {
        self.query = query
    }

    mutating func warn(_ text: String, at range: Range<Int>) {
        let full = "PromQL warning: \(text)\(position(range))"
        if !warnings.contains(full) { warnings.append(full) }
    }

    mutating func inform(_ text: String, at range: Range<Int>) {
        let full = "PromQL info: \(text)\(position(range))"
        if !infos.contains(full) { infos.append(full) }
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

    private func position(_ range: Range<Int>) -> String {
        let error = ParseError("", at: range, in: query)
        return " (\(error.line):\(error.column))"
    }
}
