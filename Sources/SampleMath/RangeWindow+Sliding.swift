/// Functions whose value is kept up to date as samples come into a window and leave it, so that their cost grows with the
/// samples and not with how often the windows pass over them.
extension RangeWindow {
    /// Whether windows overlap so much that this pays: every sample lies in four of them or more.
    var overlaps: Bool { grid.count > 4 && grid.step > 0 && grid.step <= range / 4 }

    /// `evaluate` for the functions that can slide; nil for others, and for samples that they cannot slide over.
    mutating func slide(
        _ function: RangeFunction, _ columns: SampleColumns, _ parameters: [Double], _ startTimestamps: [Int64],
        into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool? {
        switch function {
        case .max, .timeOfMax:
            return RangeWindow.extremes(&largest, function == .timeOfMax, columns, grid, range, into: out)
        case .min, .timeOfMin:
            return RangeWindow.extremes(&smallest, function == .timeOfMin, columns, grid, range, into: out)
        case .sum, .avg:
            guard columns.values.withUnsafeBufferPointer({ totals.add(up: $0) }) else { return nil }
            return sums(function, columns, into: out)
        case .changes:
            return events(columns, into: out) { RangeWindow.isChange(columns.values[$0 - 1], columns.values[$0]) }
        case .resets:
            return events(columns, into: out) {
                columns.values[$0] < columns.values[$0 - 1]
                    || (!startTimestamps.isEmpty && RangeWindow.beganAnew(columns, startTimestamps, $0))
            }
        case .quantile: return quantiles(columns, parameters, into: out)
        case .rate, .increase, .delta:
            return startTimestamps.isEmpty ? rates(function, columns, into: out) : nil
        default: return nil
        }
    }

    /// True when a value is another than the one before it.
    static func isChange(_ previous: Double, _ value: Double) -> Bool {
        value != previous && !(value.isNaN && previous.isNaN)
    }

    /// Calls `body` with every step and the positions of the first sample in its window and the first behind it; what it
    /// gives is the step's value. True when there was any window with samples.
    @inline(__always)
    static func forEachWindow(
        _ grid: StepGrid, _ range: Int64, _ times: UnsafeBufferPointer<Int64>,
        into out: UnsafeMutableBufferPointer<Double>, _ body: (_ step: Int, _ low: Int, _ high: Int) -> Double
    ) -> Bool {
        var low = 0
        var high = 0
        var any = false
        var end = grid.start
        for step in 0..<grid.count {
            while high < times.count, times[high] <= end { high += 1 }
            while low < high, times[low] <= end - range { low += 1 }
            if low < high {
                out[step] = body(step, low, high)
                any = true
            } else {
                out[step] = Missing.value
            }
            end += grid.step
        }
        return any
    }

    private static func extremes(
        _ extreme: inout SlidingExtreme, _ isTime: Bool, _ columns: SampleColumns, _ grid: StepGrid, _ range: Int64,
        into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool {
        extreme.removeAll()
        var added = 0
        return columns.timestamps.withUnsafeBufferPointer { times in
            columns.values.withUnsafeBufferPointer { values in
                RangeWindow.forEachWindow(grid, range, times, into: out) { _, low, high in
                    while added < high {
                        extreme.add(added, values)
                        added += 1
                    }
                    let position = extreme.position(from: low)
                    return isTime ? Double(times[position]) / 1000 : values[position]
                }
            }
        }
    }

    private func sums(
        _ function: RangeFunction, _ columns: SampleColumns, into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool {
        columns.timestamps.withUnsafeBufferPointer { times in
            RangeWindow.forEachWindow(grid, range, times, into: out) { _, low, high in
                let isMean = function == .avg
                guard let (sum, rest) = totals.sum(low..<high) else {
                    if isMean { return Mean.of(columns.values, low..<high) }
                    var direct = CompensatedSum()
                    for index in low..<high { direct.add(columns.values[index]) }
                    return direct.result
                }
                let count = Double(high - low)
                return isMean ? sum / count + rest / count : sum + rest
            }
        }
    }

    /// How many of a window's samples but the first there are of which `isEvent` is true.
    private mutating func events(
        _ columns: SampleColumns, into out: UnsafeMutableBufferPointer<Double>, _ isEvent: (Int) -> Bool
    ) -> Bool {
        eventCounts.removeAll(keepingCapacity: true)
        var count: Int32 = 0
        for index in 0..<columns.count {
            if index > 0, isEvent(index) { count += 1 }
            eventCounts.append(count)
        }
        return columns.timestamps.withUnsafeBufferPointer { times in
            RangeWindow.forEachWindow(grid, range, times, into: out) { _, low, high in
                Double(eventCounts[high - 1] - eventCounts[low])
            }
        }
    }

    private mutating func quantiles(
        _ columns: SampleColumns, _ parameters: [Double], into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool {
        sorted.removeAll()
        var (added, removed) = (0, 0)
        return columns.timestamps.withUnsafeBufferPointer { times in
            RangeWindow.forEachWindow(grid, range, times, into: out) { step, low, high in
                // No sample of the window before is in this one, which may begin far behind it.
                if added <= low {
                    sorted.removeAll()
                    (added, removed) = (low, low)
                }
                sorted.slide(leaving: columns.values[removed..<low], entering: columns.values[added..<high])
                (added, removed) = (high, low)
                return Quantile.ofSorted(sorted.values, phi: parameters[step])
            }
        }
    }
}
