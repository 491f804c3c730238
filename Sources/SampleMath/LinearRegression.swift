/// The straight line through samples by least squares, with the precautions Prometheus takes.
package struct LinearRegression: Sendable {
    /// Per second.
    package let slope: Double
    /// The line's value at the intercept time.
    package let intercept: Double

    /// `interceptTime` in milliseconds. A constant series has a slope of exactly 0; a constant infinite one has none.
    package init(_ columns: SampleColumns, _ range: Range<Int>, interceptTime: Int64) {
        var count = 0.0
        var x = CompensatedSum()
        var y = CompensatedSum()
        var xy = CompensatedSum()
        var xx = CompensatedSum()
        let first = columns.values[range.lowerBound]
        var isConstant = true
        for index in range {
            let value = columns.values[index]
            if value != first { isConstant = false }
            count += 1
            let time = Double(columns.timestamps[index] - interceptTime) / 1000
            x.add(time)
            y.add(value)
            xy.add(time * value)
            xx.add(time * time)
        }
        if isConstant {
            slope = first.isInfinite ? .nan : 0
            intercept = first.isInfinite ? .nan : first
            return
        }
        let sumX = x.sum + x.compensation
        let sumY = y.sum + y.compensation
        let covariance = xy.sum + xy.compensation - sumX * sumY / count
        let variance = xx.sum + xx.compensation - sumX * sumX / count
        slope = covariance / variance
        intercept = sumY / count - slope * sumX / count
    }
}
