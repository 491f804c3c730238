/// rate, increase and delta.
extension RangeWindow {
    /// rate, increase and delta: the difference of last and first sample, extended to the window's edges when the
    /// outer samples are close to them, but for counters never beyond the moment they would have been zero. A counter
    /// that is known to have begun inside the window was zero then.
    func extrapolated(
        _ function: RangeFunction, _ columns: SampleColumns, _ low: Int, _ high: Int, _ end: Int64,
        resets: [Int], from firstReset: Int, start: Int64, _ extrapolator: inout Extrapolator
    ) -> Double {
        let (firstTime, lastTime) = (columns.timestamps[low], columns.timestamps[high - 1])
        let beganInside = start != 0 && start > end - range && start < firstTime
        guard high - low >= 2 || beganInside else { return Missing.value }
        let firstValue = columns.values[low]
        let difference = columns.values.withUnsafeBufferPointer {
            RangeWindow.difference($0, low, high, resets: resets, from: firstReset)
        }
        if beganInside {
            let extrapolation = Extrapolation(
                firstTime: firstTime, lastTime: lastTime, count: high - low, end: end, range: range)
            return (difference + firstValue) * extrapolation.factor(perSecond: function == .rate, since: start)
        }
        return extrapolator.extend(
            difference, counterFrom: function == .delta ? .infinity : firstValue, firstTime: firstTime,
            lastTime: lastTime, count: high - low, end: end)
    }

    /// `extrapolated` for every step, where windows overlap and no sample says when its counting began. True when any step has
    /// a value.
    func rates(
        _ function: RangeFunction, _ columns: SampleColumns, into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool {
        let resets = function == .delta ? [] : RangeWindow.resetPositions(columns, [])
        var extrapolator = Extrapolator(perSecond: function == .rate, range: range)
        var firstReset = 0
        var any = false
        columns.timestamps.withUnsafeBufferPointer { times in
            columns.values.withUnsafeBufferPointer { values in
                _ = RangeWindow.forEachWindow(grid, range, times, into: out) { step, low, high in
                    guard high - low >= 2 else { return Missing.value }
                    any = true
                    while firstReset < resets.count, resets[firstReset] <= low { firstReset += 1 }
                    return extrapolator.extend(
                        RangeWindow.difference(values, low, high, resets: resets, from: firstReset),
                        counterFrom: function == .delta ? .infinity : values[low], firstTime: times[low],
                        lastTime: times[high - 1], count: high - low, end: grid.time(step))
                }
            }
        }
        return any
    }

    /// The difference of last and first value in a window, and what the counter lost at its resets.
    @inline(__always)
    private static func difference(
        _ values: UnsafeBufferPointer<Double>, _ low: Int, _ high: Int, resets: [Int], from firstReset: Int
    ) -> Double {
        var result = values[high - 1] - values[low]
        var reset = firstReset
        while reset < resets.count, resets[reset] < high {
            result += values[resets[reset] - 1]
            reset += 1
        }
        return result
    }

    /// Positions at which counting began anew: the value is smaller than the one before, or the start says so.
    static func resetPositions(_ columns: SampleColumns, _ starts: [Int64]) -> [Int] {
        var positions: [Int] = []
        let values = columns.values
        if starts.isEmpty, !falls(values) { return [] }
        var index = 1
        while index < values.count {
            if values[index] < values[index - 1] || (!starts.isEmpty && beganAnew(columns, starts, index)) {
                positions.append(index)
            }
            index += 1
        }
        return positions
    }

    /// Whether any value is smaller than the one before it. Few counters ever fall: a look that never stops early takes
    /// several values at once.
    private static func falls(_ values: [Double]) -> Bool {
        values.withUnsafeBufferPointer { values in
            var falls: UInt64 = 0
            var index = 1
            while index < values.count {
                falls |= values[index] < values[index &- 1] ? 1 : 0
                index &+= 1
            }
            return falls != 0
        }
    }
}
