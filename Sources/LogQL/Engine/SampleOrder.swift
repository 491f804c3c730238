import SampleMath

extension SampleColumns {
    /// The same samples by time; those of one time keep their order. Streams come one after the other, so the samples are
    /// a few long runs that rise: they are merged, two neighbours at a time.
    func sortedByTime() -> SampleColumns {
        var runs = [0]
        for index in timestamps.indices.dropFirst() where timestamps[index] < timestamps[index - 1] {
            runs.append(index)
        }
        guard runs.count > 1 else { return self }
        runs.append(count)
        var from = self
        var to = SampleColumns(
            timestamps: [Int64](repeating: 0, count: count), values: [Double](repeating: 0, count: count))
        while runs.count > 2 {
            var merged: [Int] = []
            for run in stride(from: 0, to: runs.count - 1, by: 2) {
                merged.append(runs[run])
                let middle = runs[run + 1]
                let end = run + 2 < runs.count ? runs[run + 2] : middle
                from.merge(runs[run]..<middle, middle..<end, into: &to)
            }
            merged.append(count)
            runs = merged
            swap(&from, &to)
        }
        return from
    }

    /// Writes two neighbouring runs to `out` as one.
    private func merge(_ first: Range<Int>, _ second: Range<Int>, into out: inout SampleColumns) {
        var left = first.lowerBound
        var right = second.lowerBound
        for place in first.lowerBound..<second.upperBound {
            let takesLeft =
                left < first.upperBound && (right == second.upperBound || timestamps[left] <= timestamps[right])
            let source = takesLeft ? left : right
            if takesLeft { left += 1 } else { right += 1 }
            out.timestamps[place] = timestamps[source]
            out.values[place] = values[source]
        }
    }
}
