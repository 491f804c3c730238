import MartletCore

extension NativeHistogram: CustomStringConvertible {
    /// Prometheus' text: `{count:3, sum:4.5, [-1,-0.5):1, (0.5,1]:2}`, empty buckets left out.
    package var description: String {
        var parts = ["count:\(FloatText.general(count))", "sum:\(FloatText.general(sum))"]
        for position in negative.indices.indices.reversed() { append(negativeBucket(position), to: &parts) }
        append(zeroBucket, to: &parts)
        for position in positive.indices.indices { append(positiveBucket(position), to: &parts) }
        return "{\(parts.joined(separator: ", "))}"
    }

    private func append(_ bucket: HistogramBucket, to parts: inout [String]) {
        guard bucket.count != 0 else { return }
        let bounds = "\(FloatText.general(bucket.lower)),\(FloatText.general(bucket.upper))"
        parts.append(
            "\(bucket.includesLower ? "[" : "(")\(bounds)\(bucket.includesUpper ? "]" : ")"):"
                + FloatText.general(bucket.count))
    }
}
