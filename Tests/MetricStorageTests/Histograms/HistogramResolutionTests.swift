import MetricStorage
import Testing

@Suite("The resolution of stored histograms")
struct HistogramResolutionTests {
    private func histogram(_ indices: [(offset: Int32, length: UInt32)], _ counts: [UInt64]) -> StoredHistogram {
        var histogram = StoredHistogram(isFloat: false)
        histogram.layout.schema = 2
        histogram.layout.positiveSpans = indices.map { .init(offset: $0.offset, length: $0.length) }
        histogram.positive = counts
        return histogram
    }

    @Test("empty buckets and empty spans go")
    func compact() {
        var result = histogram([(-1, 0), (0, 3), (2, 1)], [1, 0, 2, 3])
        result.compact()
        #expect(result == histogram([(-1, 1), (1, 1), (2, 1)], [1, 2, 3]))
    }

    @Test("buckets that fall into one of a coarser schema are added")
    func reduce() {
        // At -3, -2, 0, 1, 2 and 5.
        var result = histogram([(-3, 2), (1, 3), (2, 1)], [1, 2, 3, 4, 5, 6])
        result.reduceResolution(to: 1)
        var expected = histogram([(-1, 3), (1, 1)], [3, 3, 9, 6])
        expected.layout.schema = 1
        #expect(result == expected)
    }

    @Test("counts that are floats are added as floats")
    func floats() {
        var result = histogram([(1, 2)], [(0.5).bitPattern, (1.5).bitPattern])
        result.isFloat = true
        result.reduceResolution(to: 1)
        #expect(result.positive == [(2.0).bitPattern])
    }

    @Test("bounds of its own, and a schema that is coarse enough, stay")
    func unchanged() {
        var custom = histogram([(0, 1)], [1])
        custom.layout.schema = -53
        let before = custom
        custom.reduceResolution(to: -4)
        #expect(custom == before)
        var coarse = histogram([(0, 2)], [1, 2])
        coarse.reduceResolution(to: 2)
        #expect(coarse == histogram([(0, 2)], [1, 2]))
    }
}
