/// The stage that turns the spans of a pipeline into time series.
package struct MetricsFunction: Hashable, Sendable {
    /// What is computed for each step.
    package enum Kind: Hashable, Sendable {
        /// Spans a second.
        case rate
        /// Spans a step.
        case countOverTime
        case minOverTime(FieldExpression)
        case maxOverTime(FieldExpression)
        case avgOverTime(FieldExpression)
        case sumOverTime(FieldExpression)
        /// One series for each quantile, label `p`.
        case quantileOverTime(FieldExpression, [Double])
        /// One series for each bucket, label `__bucket`.
        case histogramOverTime(FieldExpression)
        /// Baseline against selection: the selection's filter, how many values, and its own range in nanoseconds.
        case compare(FieldExpression?, topN: Int, start: Int64, end: Int64)
    }

    /// What is computed.
    package let kind: Kind
    /// The labels of the series.
    package let by: [Operand]

    /// A function and the labels of its series.
    package init(kind: Kind, by: [Operand]) {
        self.kind = kind
        self.by = by
    }

    /// The function's name in the language.
    package var name: String {
        switch kind {
        case .rate: "rate"
        case .countOverTime: "count_over_time"
        case .minOverTime: "min_over_time"
        case .maxOverTime: "max_over_time"
        case .avgOverTime: "avg_over_time"
        case .sumOverTime: "sum_over_time"
        case .quantileOverTime: "quantile_over_time"
        case .histogramOverTime: "histogram_over_time"
        case .compare: "compare"
        }
    }

    /// What the function measures; nil when it counts spans.
    package var argument: FieldExpression? {
        switch kind {
        case .rate, .countOverTime, .compare: nil
        case .minOverTime(let argument), .maxOverTime(let argument), .avgOverTime(let argument),
            .sumOverTime(let argument),
            .quantileOverTime(let argument, _), .histogramOverTime(let argument):
            argument
        }
    }
}

extension MetricsFunction: CustomStringConvertible {
    package var description: String {
        var arguments: [String] = []
        if let argument { arguments.append(argument.description) }
        switch kind {
        case .quantileOverTime(_, let quantiles): arguments += quantiles.map(\.description)
        case .compare(let filter, let topN, let start, let end):
            arguments.append(SpansetExpression.filter(filter).description)
            if topN != 10 || start != 0 || end != 0 { arguments.append(String(topN)) }
            if start != 0 || end != 0 { arguments += [String(start), String(end)] }
        default: break
        }
        let call = "\(name)(\(arguments.joined(separator: ", ")))"
        return by.isEmpty ? call : call + " by(" + by.map(\.description).joined(separator: ", ") + ")"
    }
}
