import Testing
import Wire

@Suite("A classic histogram as a native one")
struct ClassicHistogramTests {
    private func gathered(_ buckets: [(Double, Double)], count: Double? = nil) -> ClassicHistogram {
        var histogram = ClassicHistogram()
        for (bound, observations) in buckets { histogram.setBucket(bound, observations) }
        if let count { histogram.setCount(count) }
        return histogram
    }

    @Test(
        "counts up to bounds become counts between them, in whatever order they come; of equal bounds the first counts")
    func order() throws {
        var histogram = gathered([(2, 3), (.infinity, 6), (0.5, 1), (2, 99)], count: 6)
        histogram.setSum(9)
        let native = try histogram.native()
        #expect(native.schema == -53)
        #expect(native.customBounds == [0.5, 2])
        #expect(native.positive == [1, 2, 3])
        #expect(native.positiveSpans == [.init(offset: 0, length: 3)])
        #expect(native.count == 6)
        #expect(native.sum == 9)
        #expect(!native.isFloat)
    }

    @Test("the bucket up to infinity comes from the count, and the count from the last bucket")
    func missing() throws {
        #expect(try gathered([(1, 2)], count: 5).native().positive == [2, 3])
        #expect(try gathered([(1, 2), (.infinity, 7)]).native().count == 7)
        #expect(try gathered([], count: 4).native().positive == [4])
    }

    @Test("a count that is no whole number makes all floats")
    func floats() throws {
        let native = try gathered([(1, 0.5), (.infinity, 2)]).native()
        #expect(native.isFloat)
        #expect(native.positive.map(Double.init(bitPattern:)) == [0.5, 1.5])
        #expect(native.count == (2.0).bitPattern)
    }

    @Test(
        "parts that contradict each other are refused in Prometheus' words",
        arguments: [
            ([(1, 5), (2, 3)], nil, "count is not cumulative: 3 < 5"),
            ([(1, 5)], 3, "count is not cumulative: 3 < 5"),
            ([(1, 5), (.infinity, 6)], 7, "count mismatch: count=7 != le=+Inf count=6"),
            ([(1, -1)], nil, "bucket count must be non-negative: le=1, count=-1"),
            ([], -2, "count must be non-negative: count=-2"), ([(.nan, 1)], nil, "bucket boundary must not be NaN"),
        ] as [([(Double, Double)], Double?, String)])
    func refused(buckets: [(Double, Double)], count: Double?, text: String) {
        let histogram = gathered(buckets, count: count)
        let error = #expect(throws: ClassicHistogram.Fault.self) { try histogram.native() }
        #expect(error?.description == text)
    }

    @Test("after removing all parts nothing is left of them")
    func reuse() throws {
        var histogram = gathered([(2, 3), (1, 4)], count: -1)
        histogram.removeAll()
        histogram.setBucket(1, 1)
        #expect(try histogram.native().positive == [1, 0])
    }
}
