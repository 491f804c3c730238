import MartletCore
import SampleMath

/// Functions over classic histograms, whose buckets are series with a label `le`.
extension Evaluator {
    /// The buckets of one histogram.
    private struct Histogram {
        /// Of its first bucket, without `le`; the name included.
        var labels: Labels
        var dropsName: Bool
        var bounds: [Double] = []
        /// A column per bound.
        var columns: [[Double]] = []
    }

    /// histogram_quantile(φ, v), histogram_quantiles(v, label, φ…), histogram_fraction(lower, upper, v).
    func histogram(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        switch node.function.name {
        case "histogram_quantile":
            let phis = try scalar(node.arguments[0], grid)
            annotations.checkQuantiles(phis, at: node.arguments[0].range)
            return try evaluated(node.arguments[1], grid, label: nil) { buckets, step, counts in
                buckets.quantile(phis[step], counts: counts)
            }
        case "histogram_fraction":
            let lower = try scalar(node.arguments[0], grid)
            let upper = try scalar(node.arguments[1], grid)
            return try evaluated(node.arguments[2], grid, label: nil) { buckets, step, counts in
                buckets.fraction(lower[step], upper[step], counts: counts)
            }
        default:
            let name = try string(node.arguments[1])
            guard name.withUnsafeBytes({ LabelName.isValid($0) }) else {
                throw QueryError(.execution, "invalid label name \(Parser.quote(name))")
            }
            let label = String(decoding: name, as: UTF8.self)
            var all = StepVector(steps: grid.count)
            for argument in node.arguments.dropFirst(2) {
                let phis = try scalar(argument, grid)
                annotations.checkQuantiles(phis, at: argument.range)
                let text = Evaluator.openMetricsText(phis.first ?? .nan)
                let part = try evaluated(node.arguments[0], grid, label: (label, text)) { buckets, step, counts in
                    buckets.quantile(phis[step], counts: counts)
                }
                for row in 0..<part.count {
                    all.append(part.labels[row], dropsName: part.dropsName[row], Array(part.row(row)))
                }
            }
            try all.mergeDuplicates()
            return all
        }
    }

    /// Applies `body` to every histogram and step. `label` is added to the results' labels.
    private func evaluated(
        _ argument: Expression, _ grid: StepGrid, label: (name: String, value: String)?,
        _ body: (inout ClassicBuckets, Int, [Double]) -> Double
    ) throws(QueryError) -> StepVector {
        var result = StepVector(steps: grid.count)
        for histogram in try histograms(argument, grid) {
            try context.check()
            var buckets = ClassicBuckets(histogram.bounds)
            var column = [Double](repeating: Missing.value, count: grid.count)
            var counts = [Double](repeating: Missing.value, count: histogram.bounds.count)
            for step in 0..<grid.count {
                for index in counts.indices { counts[index] = histogram.columns[index][step] }
                column[step] = body(&buckets, step, counts)
            }
            if buckets.neededRepair {
                annotations.inform(
                    "input to histogram_quantile needed to be fixed for monotonicity (see "
                        + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) "
                        + "for metric name \(GoQuote.quote(histogram.labels[Labels.metricName] ?? ""))",
                    at: argument.range)
            }
            var labels = histogram.labels
            if let label {
                var builder = LabelsBuilder(labels)
                builder.set(label.name, label.value)
                labels = builder.build()
            }
            try emitWithoutName(labels, &column) { labels, dropsName, column throws(QueryError) in
                result.append(labels, dropsName: dropsName, column)
            }
        }
        if !options.delayedNameRemoval { try result.mergeDuplicates() }
        return result
    }

    private func histograms(_ argument: Expression, _ grid: StepGrid) throws(QueryError) -> [Histogram] {
        var groups = GroupIndex(LabelSubset(dropping: ["le"]))
        var histograms: [Histogram] = []
        try stream(argument, grid) { labels, dropsName, column throws(QueryError) in
            let text = labels["le"] ?? ""
            guard let bound = Evaluator.bound(text) else {
                annotations.warn(
                    "bucket label \"le\" is missing or has a malformed value of \(GoQuote.quote(text)) for metric name "
                        + GoQuote.quote(labels[Labels.metricName] ?? ""), at: argument.range)
                return
            }
            try context.hold(samples: column.count)
            let group = groups.insert(labels)
            if group == histograms.count {
                histograms.append(Histogram(labels: groups.groups[group], dropsName: dropsName))
            }
            histograms[group].bounds.append(bound)
            histograms[group].columns.append(column)
        }
        return histograms
    }

    /// A number as OpenMetrics writes label values: never without a point or an exponent.
    private static func openMetricsText(_ value: Double) -> String {
        let text = FloatText.general(value)
        return value.isFinite && !text.contains(where: { $0 == "." || $0 == "e" }) ? text + ".0" : text
    }

    /// A bucket's upper bound as its label writes it.
    private static func bound(_ text: String) -> Double? {
        switch text.lowercased() {
        case "+inf", "inf", "+infinity", "infinity": .infinity
        case "-inf", "-infinity": -.infinity
        default: Double(text)
        }
    }
}
