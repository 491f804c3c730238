import SampleMath

/// Values between two samples that follow each other.
enum Interpolation {
    /// The value at a time between the float at a position and the next. A counter that was reset between them began
    /// at zero.
    static func value(_ columns: SampleColumns, _ position: Int, at time: Int64, isCounter: Bool) -> Double {
        var from = columns.values[position]
        let to = columns.values[position + 1]
        if isCounter, to < from { from = 0 }
        return from + (to - from) * share(columns.timestamps, position, time)
    }

    /// The same for histograms; nil when the two do not go together.
    static func value(
        _ columns: HistogramColumns, _ position: Int, at time: Int64, isCounter: Bool,
        _ remarks: inout SampleRemarks
    ) -> NativeHistogram? {
        let (from, to) = (columns.values[position], columns.values[position + 1])
        if time == columns.timestamps[position] { return from }
        if time == columns.timestamps[position + 1] { return to }
        let share = share(columns.timestamps, position, time)
        var result = to
        if isCounter, to.isReset(since: from) {
            result.multiply(by: share)
            return result
        }
        guard HistogramWindow.note(result.subtract(from), .reconciledSubtraction, &remarks) else { return nil }
        result.multiply(by: share)
        guard HistogramWindow.note(result.add(from), .reconciledAddition, &remarks) else { return nil }
        return result
    }

    private static func share(_ timestamps: [Int64], _ position: Int, _ time: Int64) -> Double {
        Double(time - timestamps[position]) / Double(timestamps[position + 1] - timestamps[position])
    }
}
