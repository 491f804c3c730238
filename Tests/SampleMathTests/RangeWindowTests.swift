import SampleMath
import Testing

@Suite("RangeWindow")
struct RangeWindowTests {
    private func evaluate(
        _ function: RangeFunction, _ columns: SampleColumns, grid: StepGrid, range: Int64, parameters: [Double] = [],
        second: [Double] = []
    ) -> [Double] {
        var window = RangeWindow(grid: grid, range: range)
        var out = [Double](repeating: 0, count: grid.count)
        out.withUnsafeMutableBufferPointer {
            _ = window.evaluate(function, columns, parameters: parameters, second: second, into: $0)
        }
        return out
    }

    private let counter = SampleColumns(
        timestamps: [0, 10_000, 20_000, 30_000, 40_000, 50_000], values: [0, 10, 20, 5, 15, 25])

    @Test("is open at its start and closed at its end")
    func edges() {
        let grid = StepGrid(start: 0, end: 50_000, step: 10_000)
        #expect(evaluate(.count, counter, grid: grid, range: 20_000) == [1, 2, 2, 2, 2, 2])
        #expect(evaluate(.sum, counter, grid: grid, range: 10_000) == [0, 10, 20, 5, 15, 25])
        let late = evaluate(.count, counter, grid: StepGrid(start: 60_000, end: 80_000, step: 10_000), range: 20_000)
        #expect(late[0] == 1)
        #expect(Missing.isMissing(late[1]) && Missing.isMissing(late[2]))
    }

    @Test("windows that begin far behind the first sample, or behind a gap, have what lies in them only")
    func late() {
        var columns = SampleColumns()
        for index in 0..<300 where !(200..<240).contains(index) { columns.append(Int64(index) * 1000, Double(index)) }
        let grid = StepGrid(start: 150_000, end: 299_000, step: 1000)
        let medians = evaluate(
            .quantile, columns, grid: grid, range: 10_000, parameters: [Double](repeating: 0.5, count: grid.count))
        let counts = evaluate(.count, columns, grid: grid, range: 10_000)
        for step in 0..<grid.count {
            let last = 150 + step
            let inside = (last - 9...last).filter { !(200..<240).contains($0) }.map(Double.init)
            if inside.isEmpty {
                #expect(Missing.isMissing(medians[step]) && Missing.isMissing(counts[step]))
            } else {
                #expect(counts[step] == Double(inside.count))
                #expect(medians[step] == (inside[(inside.count - 1) / 2] + inside[inside.count / 2]) / 2)
            }
        }
    }

    @Test("extrapolates rates and makes up for counter resets")
    func rates() {
        let grid = StepGrid(instant: 50_000)
        // (20,000…50,000]: 5, 15, 25 → 20 in 20 s; the start is 10 s away, less than 1.1 times the spacing, but a
        // counter of 5 growing by 20 in 20 s was zero 5 s before.
        #expect(evaluate(.increase, counter, grid: grid, range: 30_000) == [25])
        #expect(evaluate(.delta, counter, grid: grid, range: 30_000) == [30])
        // All six samples: 25 - 0 + 20 for the reset, in the whole 50 s.
        #expect(evaluate(.increase, counter, grid: grid, range: 60_000) == [45])
        #expect(evaluate(.rate, counter, grid: grid, range: 60_000) == [0.75])
        #expect(evaluate(.irate, counter, grid: StepGrid(instant: 30_000), range: 60_000) == [0.5])
        #expect(evaluate(.idelta, counter, grid: StepGrid(instant: 30_000), range: 60_000) == [-15])
        #expect(Missing.isMissing(evaluate(.rate, counter, grid: StepGrid(instant: 0), range: 5000)[0]))
    }

    @Test("gives the same for a step whether it slides there or starts there")
    func sliding() {
        var state: UInt64 = 5
        var columns = SampleColumns()
        for index in 0..<200 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            columns.append(Int64(index) * 1000 + Int64(state >> 55), Double(state >> 60))
        }
        let functions: [RangeFunction] = [
            .rate, .increase, .delta, .irate, .idelta, .sum, .avg, .min, .max, .count, .first, .last, .present, .stddev,
            .stdvar, .changes, .resets, .deriv, .mad, .timeOfFirst, .timeOfLast, .timeOfMin, .timeOfMax, .quantile,
            .predictLinear, .doubleExponentialSmoothing,
        ]
        let grid = StepGrid(start: 0, end: 220_000, step: 3500)
        let parameters = [Double](repeating: 0.3, count: grid.count)
        for function in functions {
            let slid = evaluate(
                function, columns, grid: grid, range: 17_000, parameters: parameters, second: parameters)
            for step in 0..<grid.count {
                let alone = evaluate(
                    function, columns, grid: StepGrid(instant: grid.time(step)), range: 17_000, parameters: [0.3],
                    second: [0.3])
                #expect(slid[step].bitPattern == alone[0].bitPattern, "\(function) at step \(step)")
            }
        }
    }

    @Test(
        "the rate of a steady counter is the same whether the window before looked alike or not",
        arguments: [(0, 1), (0.5, 1), (40, 1), (1e300, 1e299), (1e-300, 1e-300), (5, 0), (-3, 2), (.infinity, 1)])
    func steady(first: Double, growth: Double) {
        var columns = SampleColumns()
        for index in 0..<100 where index % 31 != 30 {
            columns.append(Int64(index) * 1000 + 250, first + Double(index) * growth)
        }
        let grid = StepGrid(start: 0, end: 110_000, step: 1000)
        for function in [RangeFunction.rate, .increase, .delta] {
            let slid = evaluate(function, columns, grid: grid, range: 9000)
            for step in 0..<grid.count {
                let alone = evaluate(function, columns, grid: StepGrid(instant: grid.time(step)), range: 9000)
                #expect(
                    slid[step].bitPattern == alone[0].bitPattern || (slid[step].isNaN && alone[0].isNaN),
                    "\(function) at step \(step)")
            }
        }
    }

    @Test("a counter is not extended beyond the moment at which it was zero")
    func zero() {
        // 1, 2, 3, … each second from 10 s on: zero at 9 s, half a second before the window of the first step begins to count.
        var columns = SampleColumns()
        for index in 0..<10 { columns.append(10_500 + Int64(index) * 1000, 0.25 + Double(index)) }
        let increase = evaluate(
            .increase, columns, grid: StepGrid(start: 19_600, end: 23_600, step: 1000), range: 10_000)
        // From 0.25 s before the first sample to the window's end 0.1 s after the last.
        #expect(increase[0] == 9 * ((9 + 0.25 + 0.1) / 9))
    }

    @Test("knows changes, resets, extremes and their times")
    func simple() {
        let grid = StepGrid(instant: 50_000)
        #expect(evaluate(.changes, counter, grid: grid, range: 60_000) == [5])
        #expect(evaluate(.resets, counter, grid: grid, range: 60_000) == [1])
        #expect(evaluate(.min, counter, grid: grid, range: 50_000) == [5])
        #expect(evaluate(.timeOfMin, counter, grid: grid, range: 50_000) == [30])
        #expect(evaluate(.timeOfMax, counter, grid: grid, range: 60_000) == [50])
        #expect(evaluate(.quantile, counter, grid: grid, range: 60_000, parameters: [0.5]) == [12.5])
        #expect(
            evaluate(
                .deriv, SampleColumns(timestamps: [0, 1000], values: [1, 3]), grid: StepGrid(instant: 1000), range: 5000
            ) == [2])
    }

    @Test("staleness markers are taken out")
    func stale() {
        var columns = SampleColumns(timestamps: [1, 2, 3, 4], values: [1, StaleNaN.value, 3, StaleNaN.value])
        columns.removeStaleMarkers()
        #expect(columns.timestamps == [1, 3])
        #expect(columns.values == [1, 3])
    }

    @Test("the instant selector looks back, but not at its far edge, and stops at a staleness marker")
    func instant() {
        let columns = SampleColumns(timestamps: [0, 10, 20], values: [1, StaleNaN.value, 3])
        let grid = StepGrid(start: 0, end: 40, step: 5)
        var out = [Double](repeating: 0, count: grid.count)
        _ = out.withUnsafeMutableBufferPointer { InstantWindow.values(columns, grid: grid, lookback: 15, into: $0) }
        let expected: [Double?] = [1, 1, nil, nil, 3, 3, 3, nil, nil]
        for (value, expected) in zip(out, expected) {
            if let expected { #expect(value == expected) } else { #expect(Missing.isMissing(value)) }
        }
    }
}

extension RangeWindowTests {
    private static func random(_ count: Int, _ value: (inout UInt64) -> Double) -> SampleColumns {
        var state: UInt64 = 77
        var columns = SampleColumns()
        var time: Int64 = 0
        for _ in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // A gap now and then that no window reaches over.
            time += state >> 58 == 0 ? 90_000 : 1000
            columns.append(time, value(&state))
        }
        return columns
    }

    @Test(
        "sums that slide are exact: of numbers of very different sizes, of NaN and infinities, of series with gaps",
        arguments: [RangeFunction.sum, .avg])
    func slidingSums(function: RangeFunction) {
        let kinds: [(inout UInt64) -> Double] = [
            { Double($0 >> 40) / 7 },
            { Double(Int64(bitPattern: $0) >> 40) / 3 },
            { $0 >> 60 == 0 ? 1e17 : Double($0 >> 50) / 9 },
            { $0 >> 60 == 0 ? .nan : Double($0 >> 50) },
            { $0 >> 61 == 0 ? -.infinity : Double($0 >> 50) },
            { $0 >> 62 == 0 ? 1.5e308 : 1 },
        ]
        for (kind, value) in kinds.enumerated() {
            let columns = Self.random(400, value)
            let grid = StepGrid(start: 0, end: columns.timestamps[399] + 20_000, step: 2000)
            let slid = evaluate(function, columns, grid: grid, range: 15_000)
            for step in 0..<grid.count {
                let direct = evaluate(function, columns, grid: StepGrid(instant: grid.time(step)), range: 15_000)[0]
                let isSame =
                    slid[step].bitPattern == direct.bitPattern || (slid[step].isNaN && direct.isNaN)
                    || (slid[step] - direct).magnitude <= direct.magnitude * 0x1p-51
                #expect(isSame, "kind \(kind) at step \(step): \(slid[step]), \(direct)")
            }
        }
    }

    @Test(
        "what else slides is what it is alone, also over NaN, equal values and gaps",
        arguments: [RangeFunction.min, .max, .timeOfMin, .timeOfMax, .changes, .resets, .quantile])
    func slidingOthers(function: RangeFunction) {
        let columns = Self.random(400) { $0 >> 61 == 0 ? .nan : Double($0 >> 61) }
        let grid = StepGrid(start: 0, end: columns.timestamps[399] + 20_000, step: 2000)
        let parameters = [Double](repeating: 0.37, count: grid.count)
        let slid = evaluate(function, columns, grid: grid, range: 15_000, parameters: parameters)
        for step in 0..<grid.count {
            let direct = evaluate(
                function, columns, grid: StepGrid(instant: grid.time(step)), range: 15_000, parameters: [0.37])[0]
            let isSame = slid[step].bitPattern == direct.bitPattern || (slid[step].isNaN && direct.isNaN)
            #expect(isSame && Missing.isMissing(slid[step]) == Missing.isMissing(direct), "at step \(step)")
        }
    }

    @Test("quantiles slide by few samples and by many", arguments: [2000, 30_000, 70_000] as [Int64])
    func slidingQuantiles(step: Int64) {
        let columns = Self.random(3000) { $0 >> 57 == 0 ? .nan : Double($0 >> 56) }
        let grid = StepGrid(start: 0, end: columns.timestamps[2999] + 400_000, step: step)
        let parameters = [Double](repeating: 0.93, count: grid.count)
        let slid = evaluate(.quantile, columns, grid: grid, range: 300_000, parameters: parameters)
        for step in 0..<grid.count {
            let direct = evaluate(
                .quantile, columns, grid: StepGrid(instant: grid.time(step)), range: 300_000, parameters: [0.93])[0]
            #expect(slid[step] == direct || (slid[step].isNaN && direct.isNaN), "at step \(step)")
        }
    }
}
