/// The latest sample of a series at every step of a grid, as instant selectors see it.
package enum InstantWindow {
    /// Writes for every step the value of the newest sample in (t - lookback, t]; `Missing` when there is none or it
    /// is a staleness marker. True when any step has a value.
    @discardableResult
    package static func values(
        _ columns: SampleColumns, grid: StepGrid, lookback: Int64, into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool {
        walk(columns, grid: grid, lookback: lookback) { step, sample in
            out[step] = sample < 0 ? Missing.value : columns.values[sample]
        }
    }

    /// As `values`, but writes the samples' times in seconds.
    @discardableResult
    package static func times(
        _ columns: SampleColumns, grid: StepGrid, lookback: Int64, into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool {
        walk(columns, grid: grid, lookback: lookback) { step, sample in
            out[step] = sample < 0 ? Missing.value : Double(columns.timestamps[sample]) / 1000
        }
    }

    /// Calls `body` with every step and the index of its sample, -1 for none.
    @inline(__always)
    private static func walk(
        _ columns: SampleColumns, grid: StepGrid, lookback: Int64, _ body: (Int, Int) -> Void
    ) -> Bool {
        columns.timestamps.withUnsafeBufferPointer { times in
            columns.values.withUnsafeBufferPointer { values in
                var next = 0
                var any = false
                var time = grid.start
                for step in 0..<grid.count {
                    while next < times.count, times[next] <= time { next += 1 }
                    if next > 0, times[next - 1] > time - lookback, !StaleNaN.isStale(values[next - 1]) {
                        any = true
                        body(step, next - 1)
                    } else {
                        body(step, -1)
                    }
                    time &+= grid.step
                }
                return any
            }
        }
    }
}
