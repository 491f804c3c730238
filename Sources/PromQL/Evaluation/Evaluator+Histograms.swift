import MartletCore
import SampleMath

/// Functions that estimate from histograms: histogram_quantile, histogram_quantiles, histogram_fraction.
extension Evaluator {
    /// What one estimate needs.
    private struct Estimate {
        /// Of a classic histogram, given its buckets and their counts.
        let classic: (inout ClassicBuckets, Int, [Double]) -> Double
        let native: (NativeHistogram, Int) -> (value: Double, caveat: NativeHistogram.Caveat?)
        /// Added to the results' labels.
        var label: (name: String, value: String)?
    }

    func histogram(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        var result = StepVector(steps: grid.count)
        switch node.function.name {
        case "histogram_quantile":
            let phis = try scalar(node.arguments[0], grid)
            annotations.checkQuantiles(phis, at: node.arguments[0].unwrapped.range)
            let argument = node.arguments[1].unwrapped
            let input = try histograms(argument, grid)
            try append(quantile(phis, label: nil), of: input, argument, grid, to: &result)
        case "histogram_fraction":
            let lower = try scalar(node.arguments[0], grid)
            let upper = try scalar(node.arguments[1], grid)
            let argument = node.arguments[2].unwrapped
            let input = try histograms(argument, grid)
            let fraction = Estimate(
                classic: { buckets, step, counts in buckets.fraction(lower[step], upper[step], counts: counts) },
                native: { histogram, step in histogram.fraction(lower[step], upper[step]) })
            try append(fraction, of: input, argument, grid, to: &result)
        default: try appendQuantiles(node, grid, to: &result)
        }
        if !options.delayedNameRemoval { try result.mergeDuplicates(context) }
        return result
    }

    private func quantile(_ phis: [Double], label: (name: String, value: String)?) -> Estimate {
        Estimate(
            classic: { buckets, step, counts in buckets.quantile(phis[step], counts: counts) },
            native: { histogram, step in histogram.quantile(phis[step]) }, label: label)
    }

    private func appendQuantiles(
        _ node: Expression.Call, _ grid: StepGrid, to result: inout StepVector
    ) throws(QueryError) {
        let name = try string(node.arguments[1])
        guard name.withUnsafeBytes({ LabelName.isValid($0) }) else {
            throw QueryError(.execution, "invalid label name \(Parser.quote(name))")
        }
        let label = String(decoding: name, as: UTF8.self)
        let argument = node.arguments[0].unwrapped
        let input = try histograms(argument, grid)
        for parameter in node.arguments.dropFirst(2) {
            let phis = try scalar(parameter, grid)
            annotations.checkQuantiles(phis, at: parameter.unwrapped.range)
            // φ is part of the labels, so that every value of it makes series of its own.
            var texts: [String] = []
            for phi in phis {
                let text = FloatText.openMetrics(phi)
                if texts.last != text, !texts.contains(text) { texts.append(text) }
            }
            for text in texts {
                let steps = phis.map { FloatText.openMetrics($0) == text }
                try append(
                    quantile(phis, label: (label, text)), of: input, argument, grid, steps: steps, to: &result)
            }
        }
        try result.mergeDuplicates(context)
    }

    /// Appends an estimate of every histogram.
    private func append(
        _ estimate: Estimate, of input: HistogramInput, _ argument: Expression, _ grid: StepGrid, steps: [Bool] = [],
        to result: inout StepVector
    ) throws(QueryError) {
        for native in input.native {
            try context.check()
            var column = StepColumn(missing: grid.count)
            for (step, histogram) in native.histograms.enumerated() {
                guard let histogram, steps.isEmpty || steps[step] else { continue }
                let (value, caveat) = estimate.native(histogram, step)
                column.values[step] = value
                if let caveat { inform(of: caveat, native.labels, argument) }
            }
            try append(column, native.labels, estimate, to: &result)
        }
        for classic in input.classic {
            try context.check()
            var buckets = ClassicBuckets(classic.bounds)
            var column = StepColumn(missing: grid.count)
            for step in 0..<grid.count where steps.isEmpty || steps[step] {
                column.values[step] = estimate.classic(&buckets, step, classic.counts(step))
                guard let repair = buckets.repair else { continue }
                annotations.informOfRepair(
                    knownName(classic.labels), repair, time: grid.time(step), at: argument.range)
            }
            try append(column, classic.labels, estimate, to: &result)
        }
    }

    private func append(
        _ column: StepColumn, _ labels: Labels, _ estimate: Estimate, to result: inout StepVector
    ) throws(QueryError) {
        guard column.isPresentAnywhere else { return }
        try context.hold(samples: column.count)
        var labels = labels
        if let label = estimate.label {
            var builder = LabelsBuilder(labels)
            builder.set(label.name, label.value)
            labels = builder.build()
        }
        if options.delayedNameRemoval {
            result.append(labels, dropsName: true, column)
        } else {
            result.append(LabelSubset.withoutMetricName.labels(of: labels), dropsName: false, column)
        }
    }

    private func histograms(_ argument: Expression, _ grid: StepGrid) throws(QueryError) -> HistogramInput {
        var input = HistogramInput()
        try withBuckets(true) { () throws(QueryError) in
            try stream(argument, grid) { labels, _, column throws(QueryError) in
                try context.hold(samples: column.weight)
                if input.add(labels, column) { return }
                annotations.warn(
                    "bucket label \"le\" is missing or has a malformed value of \(GoQuote.quote(labels["le"] ?? ""))"
                        + forMetric(labels), at: argument.range)
            }
        }
        input.removeConflicts { labels in
            annotations.warn(
                "vector contains a mix of classic and native histograms" + forMetric(labels), at: argument.range)
        }
        return input
    }

    private func inform(of caveat: NativeHistogram.Caveat, _ labels: Labels, _ argument: Expression) {
        let text =
            switch caveat {
            case .isNaN: "input to histogram_quantile has NaN observations, result is NaN"
            case .isSkewed: "input to histogram_quantile has NaN observations, result is skewed higher"
            case .excludesNaN:
                "input to histogram_fraction has NaN observations, which are excluded from all fractions"
            }
        annotations.inform(text + forMetric(labels), at: argument.range)
    }

    /// A name is certain to be the metric's only while names are not removed on the way.
    private func knownName(_ labels: Labels) -> String {
        options.delayedNameRemoval ? Evaluator.name(labels) : ""
    }

    private func forMetric(_ labels: Labels) -> String {
        let name = knownName(labels)
        return name.isEmpty ? "" : " for metric name \(GoQuote.quote(name))"
    }
}
