import MetricStorage
import RemoteStorage
import Testing
import Wire

@Suite("Native histograms from outside")
struct HistogramIntakeTests {
    /// One with bounds of its own, 1 and 2: an observation in each of its three buckets.
    private static func custom(_ change: (inout RemoteWrite.Histogram) -> Void) -> RemoteWrite.Histogram {
        var histogram = RemoteWrite.Histogram()
        histogram.schema = -53
        histogram.customBounds = [1, 2]
        histogram.positiveSpans = [.init(length: 3)]
        histogram.positive = [1, 1, 1]
        histogram.count = 3
        change(&histogram)
        return histogram
    }

    /// The same with floats, of an exponential schema.
    private static func floats(_ change: (inout RemoteWrite.Histogram) -> Void) -> RemoteWrite.Histogram {
        custom { histogram in
            histogram.isFloat = true
            histogram.schema = 0
            histogram.customBounds = []
            histogram.positive = [1.0, 1, 1].map(\.bitPattern)
            histogram.count = (3.0).bitPattern
            change(&histogram)
        }
    }

    @Test(
        "what contradicts itself is refused in Prometheus' words",
        arguments: [
            (custom { $0.customBounds = [1] }, "custom bounds are too few"),
            (custom { $0.customBounds = [2, 2] }, "strictly increasing order"),
            (custom { $0.customBounds = [1, .infinity] }, "must be finite"),
            (custom { $0.customBounds = [.nan, 2] }, "must be finite"),
            (custom { ($0.zeroCount, $0.count) = (1, 4) }, "zero count of 0"),
            (custom { $0.zeroThreshold = 0.5 }, "zero threshold of 0"),
            (
                custom { ($0.negativeSpans, $0.negative, $0.count) = ([.init(length: 1)], [1], 4) },
                "must not have negative buckets"
            ),
            (custom { $0.schema = 0 }, "must not have custom bounds"), (custom { $0.schema = 9 }, "invalid schema"),
            (custom { $0.count = 4 }, "observation count should equal"),
            (floats { $0.positive[0] = (-1.0).bitPattern }, "a bucket whose observation count is negative"),
            (floats { $0.zeroCount = (-1.0).bitPattern }, "a bucket whose observation count is negative"),
            (floats { $0.count = (-1.0).bitPattern }, "observation count is negative"),
        ])
    func refused(histogram: RemoteWrite.Histogram, text: String) {
        let fault = #expect(throws: HistogramIntake.Fault.self) { try HistogramIntake.store(histogram) }
        #expect(fault?.description.contains(text) == true, "\(fault?.description ?? "")")
    }

    @Test("the lowest bound may be minus infinity")
    func lowestBound() throws {
        let stored = try HistogramIntake.store(Self.custom { $0.customBounds = [-.infinity, 2] })
        #expect(stored.layout.customBounds == [-.infinity, 2])
    }
}
