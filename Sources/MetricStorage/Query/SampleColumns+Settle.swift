import SampleMath

extension SampleColumns {
    /// Brings the samples from `middle` on, which were appended to those from `start` on, into one order with them.
    /// Both parts are ascending; of two samples at one time the earlier part's stays.
    mutating func settle(from middle: Int, after start: Int) {
        guard middle > start, middle < count, timestamps[middle] <= timestamps[middle - 1] else { return }
        let (times, samples) = (Array(timestamps[start...]), Array(values[start...]))
        timestamps.removeLast(times.count)
        values.removeLast(times.count)
        var (left, right) = (0, middle - start)
        let end = right
        while left < end || right < times.count {
            let takesLeft = right == times.count || (left < end && times[left] <= times[right])
            let index = takesLeft ? left : right
            if takesLeft, right < times.count, times[left] == times[right] { right += 1 }
            append(times[index], samples[index])
            if takesLeft { left += 1 } else { right += 1 }
        }
    }
}
