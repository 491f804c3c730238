import SampleMath

/// Native histograms of one series inside a window of time, and functions of them.
struct HistogramWindow {
    let columns: HistogramColumns
    /// Positions inside the window; at least one.
    let positions: Range<Int>

    private var first: NativeHistogram { columns.values[positions.lowerBound] }
    private var last: NativeHistogram { columns.values[positions.upperBound - 1] }

    // MARK: Differences

    /// rate, increase and delta over (end - range, end], in milliseconds.
    func extrapolated(
        _ function: RangeFunction, end: Int64, range: Int64, _ remarks: inout SampleRemarks
    ) -> NativeHistogram? {
        let firstTime = columns.timestamps[positions.lowerBound]
        let start = function == .delta ? 0 : startTimestamp(positions.lowerBound)
        let beganInside = start != 0 && start > end - range && start < firstTime
        guard positions.count >= 2 || beganInside else { return nil }
        let extrapolation = Extrapolation(
            firstTime: firstTime, lastTime: columns.timestamps[positions.upperBound - 1], count: positions.count,
            end: end, range: range)
        var result: NativeHistogram
        if positions.count >= 2 {
            guard let difference = difference(isCounter: function != .delta, &remarks) else { return nil }
            result = difference
            guard !beganInside || add(first, to: &result, &remarks) else { return nil }
        } else {
            result = first
        }
        if beganInside {
            result.multiply(by: extrapolation.factor(perSecond: function == .rate, since: start))
        } else {
            let reachesZero = function != .delta && result.count > 0 && first.count >= 0
            result.multiply(
                by: extrapolation.factor(
                    perSecond: function == .rate, zeroAt: reachesZero ? first.count / result.count : .infinity))
        }
        return result
    }

    /// Last minus first, and for counters what was lost at resets. Needs two histograms.
    private func difference(isCounter: Bool, _ remarks: inout SampleRemarks) -> NativeHistogram? {
        var previous = first
        let isGauge = first.hint == .gauge && last.hint == .gauge
        if isCounter {
            if first.hint == .gauge || last.hint == .gauge { remarks.insert(.notCounter) }
            let second = columns.values[positions.lowerBound + 1]
            // A first histogram that a reset follows contributes nothing, so its buckets need not fit.
            if isReset(positions.lowerBound + 1, since: previous) {
                previous = NativeHistogram(schema: second.schema, customBounds: second.customBounds)
            }
        }
        guard last.hasCustomBounds == previous.hasCustomBounds else {
            remarks.insert(.mixedSchemas)
            return nil
        }
        var schema = min(last.schema, previous.schema)
        if isCounter {
            for position in positions.dropFirst().dropLast() {
                let current = columns.values[position]
                if current.hint == .gauge { remarks.insert(.notCounter) }
                schema = min(schema, current.schema)
                guard current.hasCustomBounds == last.hasCustomBounds else {
                    remarks = .mixedSchemas
                    return nil
                }
            }
        }
        var result = last
        result.reduceResolution(to: schema)
        guard subtract(previous, from: &result, &remarks) else { return nil }
        if isCounter {
            for position in positions.dropFirst() {
                if isReset(position, since: previous), !add(previous, to: &result, &remarks) { return nil }
                previous = columns.values[position]
            }
        } else if !isGauge {
            remarks.insert(.notGauge)
        }
        result.hint = .gauge
        result.compact()
        return result
    }

    /// irate and idelta, of the last two.
    func lastDifference(isRate: Bool, _ remarks: inout SampleRemarks) -> NativeHistogram? {
        let position = positions.upperBound - 1
        let (before, last) = (columns.values[position - 1], columns.values[position])
        if isRate, before.hint == .gauge || last.hint == .gauge { remarks.insert(.notCounter) }
        if !isRate, before.hint != .gauge || last.hint != .gauge { remarks.insert(.notGauge) }
        var result = last
        if !isRate || !isReset(position, since: before) {
            guard subtract(before, from: &result, &remarks) else { return nil }
        }
        result.hint = .gauge
        result.compact()
        if isRate {
            result.divide(by: Double(columns.timestamps[position] - columns.timestamps[position - 1]) / 1000)
        }
        return result
    }

    // MARK: Sums

    /// sum_over_time and avg_over_time.
    func aggregated(isMean: Bool, _ remarks: inout SampleRemarks) -> NativeHistogram? {
        var sum = HistogramSum(first)
        for position in positions.dropFirst() {
            let next = columns.values[position]
            guard isMean ? sum.addToMean(next) : sum.add(next) else {
                remarks.insert(.mixedSchemas)
                return nil
            }
        }
        if sum.hintsCollide { remarks.insert(.collidedAggregation) }
        if sum.boundsReconciled { remarks.insert(.reconciledAggregation) }
        return isMean ? sum.mean : sum.sum
    }

    // MARK: Resets

    /// True when counting began anew at a position, by its start timestamp or by its counts.
    func isReset(_ position: Int, since previous: NativeHistogram) -> Bool {
        if !columns.startTimestamps.isEmpty,
            StartTimestamp.isReset(
                previousStart: startTimestamp(position - 1), previousTime: columns.timestamps[position - 1],
                start: startTimestamp(position), time: columns.timestamps[position])
        {
            return true
        }
        return columns.values[position].isReset(since: previous)
    }

    private func startTimestamp(_ position: Int) -> Int64 {
        position < columns.startTimestamps.count ? columns.startTimestamps[position] : 0
    }

    // MARK: Arithmetic with remarks

    private func add(
        _ other: NativeHistogram, to result: inout NativeHistogram, _ remarks: inout SampleRemarks
    ) -> Bool {
        HistogramWindow.note(result.add(other), .reconciledAddition, &remarks)
    }

    private func subtract(
        _ other: NativeHistogram, from result: inout NativeHistogram, _ remarks: inout SampleRemarks
    ) -> Bool {
        HistogramWindow.note(result.subtract(other), .reconciledSubtraction, &remarks)
    }

    /// False when the histograms did not go together. Contradicting hints are no news here: resets are looked for.
    static func note(
        _ combination: NativeHistogram.Combination?, _ reconciled: SampleRemarks, _ remarks: inout SampleRemarks
    ) -> Bool {
        guard let combination else {
            remarks.insert(.mixedSchemas)
            return false
        }
        if combination.boundsReconciled { remarks.insert(reconciled) }
        return true
    }
}
