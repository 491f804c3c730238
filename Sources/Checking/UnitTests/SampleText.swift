import MartletCore
import PromQL
import PromQLTesting

/// A sample as unit tests compare and print it.
struct SampleText: Comparable {
    let labels: Labels
    let value: Double
    let histogram: String?

    init(labels: Labels, value: Double, histogram: String?) {
        self.labels = labels
        self.value = value
        self.histogram = histogram
    }

    /// What a test expects.
    init(_ expected: UnitTestFile.ExpressionCase.Sample) throws {
        labels = expected.labels.isEmpty ? Labels() : try SeriesNotation.labels(expected.labels)
        value = expected.value
        guard !expected.histogram.isEmpty else {
            histogram = nil
            return
        }
        let items = try SeriesNotation("{} \(expected.histogram)").items
        guard items.count == 1, case .histogram(let parsed, _) = items[0] else {
            throw SeriesNotation.Failure(description: "labels \(GoQuote.quote(expected.labels)): expected 1 histogram")
        }
        histogram = HistogramNotation.text(parsed)
    }

    /// Exactly the same; `isFuzzy` lets values differ in the last bit.
    func isEqual(_ other: SampleText, isFuzzy: Bool) -> Bool {
        guard labels == other.labels, histogram == other.histogram else { return false }
        if histogram != nil || value == other.value { return true }
        return isFuzzy && (value.nextDown == other.value || value.nextUp == other.value)
    }

    static func < (a: SampleText, b: SampleText) -> Bool { a.labels < b.labels }
    static func == (a: SampleText, b: SampleText) -> Bool { a.labels == b.labels }

    static func list(_ samples: [SampleText]) -> String {
        samples.isEmpty ? "nil" : samples.map(\.text).joined(separator: ", ")
    }

    private var text: String { "\(labels) \(histogram ?? FloatText.exponential(value).uppercased())" }
}
