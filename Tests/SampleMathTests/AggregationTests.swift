import MartletCore
import SampleMath
import Testing

@Suite("Aggregation")
struct AggregationTests {
    private func aggregate(_ aggregation: Aggregation, _ columns: [[Double]], phi: Double = 0.5) -> [Double] {
        var state = AggregationColumns(aggregation, steps: columns[0].count)
        for column in columns { column.withUnsafeBufferPointer { state.add($0, to: 0) } }
        var out = [Double](repeating: 0, count: columns[0].count)
        let phis = [Double](repeating: phi, count: out.count)
        out.withUnsafeMutableBufferPointer { state.finish(0, phi: phis, into: $0) }
        return out
    }

    @Test("leaves missing steps out, and gives none where all are missing")
    func missing() {
        let columns = [[1, Missing.value, Missing.value], [3, 5, Missing.value]]
        for (aggregation, expected) in [
            (Aggregation.sum, [4.0, 5]), (.avg, [2, 5]), (.min, [1, 5]), (.max, [3, 5]), (.count, [2, 1]),
            (.group, [1, 1]), (.stdvar, [1, 0]), (.stddev, [1, 0]), (.quantile, [2, 5]),
        ] {
            let result = aggregate(aggregation, columns)
            #expect(Array(result[..<2]) == expected, "\(aggregation)")
            #expect(Missing.isMissing(result[2]), "\(aggregation)")
        }
    }

    @Test("adds with compensation, and means do not overflow")
    func precision() {
        #expect(aggregate(.sum, [[2], [8], [1e100], [-1e100]]) == [10])
        #expect(aggregate(.avg, [[1.7e308], [1.7e308]]) == [1.7e308])
        #expect(aggregate(.avg, [[.infinity], [1]]) == [.infinity])
        #expect(aggregate(.avg, [[.infinity], [-.infinity]])[0].isNaN)
        #expect(aggregate(.min, [[.nan], [1]]) == [1])
    }

    @Test("groups by labels, making each group once")
    func groups() {
        var index = GroupIndex(LabelSubset(keeping: ["job"]))
        let a = Labels([("__name__", "x"), ("job", "a"), ("instance", "1")])
        let b = Labels([("job", "b")])
        #expect(index.insert(a) == 0)
        #expect(index.insert(b) == 1)
        #expect(index.insert(Labels([("job", "a"), ("z", "9")])) == 0)
        #expect(index.lookup(Labels([("job", "c")])) == nil)
        #expect(index.groups == [Labels([("job", "a")]), Labels([("job", "b")])])
        let without = LabelSubset(dropping: ["instance", "__name__"])
        #expect(without.labels(of: a) == Labels([("job", "a")]))
        #expect(without.contains("job") && !without.contains("instance"))
        for number in 0..<1000 { #expect(index.insert(Labels([("job", "n\(number)")])) == number + 2) }
        for number in 0..<1000 { #expect(index.lookup(Labels([("job", "n\(number)")])) == number + 2) }
    }

    @Test("ranks the k best, NaN last, the earlier series first among equals")
    func ranking() {
        var top = RankedSelection(largest: true, limits: [2, 3, 0])
        for (series, column) in [[1, .nan, 1], [5, 2, 1], [3, 2, 1], [4, Missing.value, 1]].enumerated() {
            column.withUnsafeBufferPointer { top.add($0, series: series, to: 0) }
        }
        #expect(top.selected(group: 0, step: 0) == [1, 3])
        #expect(top.selected(group: 0, step: 1) == [1, 2, 0])
        #expect(top.selected(group: 0, step: 2) == [])
        #expect(top.selected(group: 1, step: 0) == [])
    }

    @Test("quantiles interpolate and sort NaN to the bottom")
    func quantiles() {
        var values = [3.0, .nan, 1, 2]
        #expect(Quantile.of(&values, phi: 1) == 3)
        #expect(Quantile.of(&values, phi: 0).isNaN)
        #expect(Quantile.of(&values, phi: 2) == .infinity)
        #expect(Quantile.of(&values, phi: -1) == -.infinity)
        #expect(Quantile.of(&values, phi: .nan).isNaN)
    }
}
