import Benchmarking
import Testing

@Suite("Histogram of latencies")
struct LatencyHistogramTests {
    private func histogram(_ values: some Sequence<Int64>) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for value in values { histogram.record(nanoseconds: value) }
        return histogram
    }

    @Test("Without a duration there are no quantiles")
    func empty() {
        #expect(LatencyHistogram().quantile(0.5) == nil)
        #expect(LatencyHistogram().maximum == 0)
    }

    @Test("Durations below 64 ns are told exactly")
    func exact() {
        let histogram = histogram(1...50)
        #expect(histogram.quantile(0.5) == 25)
        #expect(histogram.quantile(0) == 1)
        #expect(histogram.quantile(1) == 50)
    }

    @Test("Quantiles are within one per cent", arguments: [1_000, 1_000_000, 1_000_000_000] as [Int64])
    func precision(unit: Int64) throws {
        let histogram = histogram((1...1000).map { $0 * unit })
        for (share, wanted) in [(0.5, 500), (0.9, 900), (0.99, 990)] as [(Double, Int64)] {
            let found = Double(try #require(histogram.quantile(share)))
            #expect(abs(found / Double(wanted * unit) - 1) < 0.01)
        }
    }

    @Test("The longest is exact, and no quantile exceeds it or falls below the shortest")
    func bounds() {
        let histogram = histogram([123_456_789])
        #expect(histogram.maximum == 123_456_789)
        #expect(histogram.quantile(0.01) == 123_456_789)
        #expect(histogram.quantile(0.99) == 123_456_789)
    }

    @Test("What is shorter than nothing or longer than anything is counted")
    func edges() {
        let histogram = histogram([-1, .max])
        #expect(histogram.count == 2)
        #expect(histogram.quantile(0.5) == 0)
        #expect(histogram.maximum == .max)
    }
}
