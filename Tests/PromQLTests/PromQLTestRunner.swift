import MartletCore
import PromQL
import SampleMath

/// Runs a promqltest file on this engine, floats only: evaluations that touch native histograms are counted as skipped.
struct PromQLTestRunner {
    struct Report {
        var passed = 0
        var skipped = 0
        /// Line and reason.
        var failures: [(line: Int, reason: String)] = []
    }

    private struct Mismatch: Error {
        let reason: String
    }

    private var source = MemorySource()
    /// Label sets of the series that hold native histograms.
    private var histograms: Set<Labels> = []
    private(set) var report = Report()

    private let engine: Engine

    private init(delayedNameRemoval: Bool) {
        var options = Engine.Options()
        options.experimentalFunctions = true
        options.delayedNameRemoval = delayedNameRemoval
        engine = Engine(options: options)
    }

    private static let timeDependent: Set<String> = [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "end", "hour", "minute", "month", "year",
        "predict_linear", "range", "start", "step", "time", "timestamp",
    ]

    /// The files expect names to be removed at the end of a query; most hold without that, which is the default.
    static func run(_ text: String, delayedNameRemoval: Bool = true) throws -> Report {
        var runner = PromQLTestRunner(delayedNameRemoval: delayedNameRemoval)
        for command in try PromQLTestFile(text).commands {
            switch command {
            case .clear:
                runner.source = MemorySource()
                runner.histograms = []
            case .load(let load): try runner.load(load)
            case .evaluate(let evaluation): runner.evaluate(evaluation)
            }
        }
        return runner.report
    }

    private mutating func load(_ load: PromQLTestFile.Load) throws {
        for line in load.lines {
            if line.contains("@st ") { throw SeriesNotation.Failure(description: "start timestamps are not supported") }
            let series = try SeriesNotation(line)
            if series.hasHistograms { histograms.insert(series.labels) }
            for (index, item) in series.items.enumerated() {
                if case .value(let value) = item { source.add(series.labels, Int64(index) * load.interval, value) }
            }
            if load.withClassicHistograms { noteClassicHistogram(series.labels) }
        }
    }

    /// `load_with_nhcb` also makes a native histogram of every classic one.
    private mutating func noteClassicHistogram(_ labels: Labels) {
        guard let name = labels[Labels.metricName] else { return }
        for suffix in ["_bucket", "_count", "_sum"] where name.hasSuffix(suffix) {
            var builder = LabelsBuilder(labels)
            builder.set(Labels.metricName, String(name.dropLast(suffix.count)))
            builder.remove("le")
            histograms.insert(builder.build())
        }
    }

    private mutating func evaluate(_ evaluation: PromQLTestFile.Evaluation) {
        if touchesHistograms(evaluation) {
            report.skipped += 1
            return
        }
        do {
            try check(evaluation)
            report.passed += 1
        } catch let mismatch as Mismatch {
            report.failures.append((evaluation.line, "\(evaluation.query): \(mismatch.reason)"))
        } catch {
            report.failures.append((evaluation.line, "\(evaluation.query): \(error)"))
        }
    }

    private func touchesHistograms(_ evaluation: PromQLTestFile.Evaluation) -> Bool {
        if evaluation.rows.contains(where: { $0.contains("{{") }) || evaluation.query.contains("histogram(") {
            return true
        }
        let nativeOnly = [
            "histogram_count(", "histogram_sum(", "histogram_avg(", "histogram_stddev(", "histogram_stdvar(",
        ]
        if nativeOnly.contains(where: { evaluation.query.contains($0) }) { return true }
        guard let expression = try? engine.parse(evaluation.query) else { return false }
        return expression.selectors.contains { selector in
            histograms.contains { labels in selector.matchers.allSatisfy { $0.matches(labels) } }
        }
    }

    // MARK: One evaluation

    private func check(_ evaluation: PromQLTestFile.Evaluation) throws {
        let result: QueryResult
        do throws(QueryError) {
            result = try run(evaluation)
        } catch {
            guard let fails = evaluation.fails else { throw Mismatch(reason: "failed: \(error)") }
            if let message = fails.message, !error.message.contains(message) {
                throw Mismatch(reason: "failed with '\(error)', wanted '\(message)'")
            }
            if let regex = fails.regex, try !Regex(regex, anchored: false).matches(error.message) {
                throw Mismatch(reason: "failed with '\(error)', wanted /\(regex)/")
            }
            return
        }
        if evaluation.fails != nil { throw Mismatch(reason: "did not fail") }
        try checkAnnotations(result.warnings, evaluation.warnings, none: evaluation.noWarnings, "warning")
        try checkAnnotations(result.infos, evaluation.infos, none: evaluation.noInfos, "info")
        try compare(result, evaluation)
        if case .instant(let time) = evaluation.when { try runAgain(evaluation, time) }
    }

    private func run(_ evaluation: PromQLTestFile.Evaluation) throws(QueryError) -> QueryResult {
        let context = QueryContext(maxSamples: 1_000_000, timeoutSeconds: 100)
        switch evaluation.when {
        case .instant(let time):
            return try engine.instant(evaluation.query, at: time, source: source, context: context)
        case .range(let start, let end, let step):
            return try engine.range(
                evaluation.query, start: start, end: end, step: step, source: source, context: context)
        }
    }

    /// The official runner's re-runs of instant queries: pinned with `@` at other times, and inside a range query.
    private func runAgain(_ evaluation: PromQLTestFile.Evaluation, _ time: Int64) throws {
        if evaluation.string != nil { return }
        let expression = try engine.parse(evaluation.query)
        let context = QueryContext(maxSamples: 1_000_000, timeoutSeconds: 100)
        if !calls(expression, Self.timeDependent) {
            // Printing and parsing again tests the printer as well.
            let pinned = try engine.parse(pinned(expression, to: time).description)
            let others = time == 0 ? [-1000, 0, 1000] : [-10 * time, 0, time / 5, time, 10 * time]
            for other in others {
                let result = try engine.instant(pinned, at: other, source: source, context: context)
                do {
                    try compare(result, evaluation)
                } catch let mismatch as Mismatch {
                    throw Mismatch(reason: "pinned (\(pinned)) at \(other) ms: \(mismatch.reason)")
                }
            }
        }
        // Durations may call these too, which no rule about functions sees.
        let dependsOnRange = ["start()", "end()", "range()", "step()"].contains { evaluation.query.contains($0) }
        if evaluation.isOrdered || evaluation.rangeVector != nil || dependsOnRange { return }
        let result = try engine.range(
            evaluation.query, start: time - 60_000, end: time + 60_000, step: 60_000, source: source, context: context)
        guard case .matrix(let matrix) = result.value else { throw Mismatch(reason: "range query gave no matrix") }
        var samples: [QueryResult.Sample] = []
        for series in matrix {
            guard let index = series.samples.timestamps.firstIndex(of: time) else { continue }
            samples.append(QueryResult.Sample(labels: series.labels, value: series.samples.values[index]))
        }
        var again = result
        again.value = .vector(samples)
        if expression.type == .scalar, let first = samples.first { again.value = .scalar(first.value) }
        do {
            try compare(again, evaluation)
        } catch let mismatch as Mismatch {
            throw Mismatch(reason: "as a range query: \(mismatch.reason)")
        }
    }

    private func calls(_ expression: Expression, _ names: Set<String>) -> Bool {
        if case .call(let call) = expression, names.contains(call.function.name) { return true }
        return expression.children.contains { calls($0, names) }
    }

    /// The expression with `@ time` at every selector and subquery that has none.
    private func pinned(_ expression: Expression, to time: Int64) -> Expression {
        switch expression {
        case .number, .string: return expression
        case .parenthesised(let inner, let range): return .parenthesised(pinned(inner, to: time), range: range)
        case .unary(let isMinus, let inner, let range):
            return .unary(isMinus: isMinus, pinned(inner, to: time), range: range)
        case .binary(var node):
            node.left = pinned(node.left, to: time)
            node.right = pinned(node.right, to: time)
            return .binary(node)
        case .aggregate(var node):
            node.expression = pinned(node.expression, to: time)
            node.parameter = node.parameter.map { pinned($0, to: time) }
            return .aggregate(node)
        case .call(var node):
            node.arguments = node.arguments.map { pinned($0, to: time) }
            return .call(node)
        case .selector(var node):
            node.at = node.at ?? .time(time)
            return .selector(node)
        case .matrix(var node):
            node.selector.at = node.selector.at ?? .time(time)
            return .matrix(node)
        case .subquery(var node):
            node.at = node.at ?? .time(time)
            return .subquery(node)
        }
    }

    // MARK: Comparison

    private func checkAnnotations(
        _ found: [String], _ wanted: [PromQLTestFile.Evaluation.Text], none: Bool, _ what: String
    ) throws {
        if none, let first = found.first { throw Mismatch(reason: "unexpected \(what): \(first)") }
        if wanted.isEmpty { return }
        func matches(_ text: String, _ wanted: PromQLTestFile.Evaluation.Text) throws -> Bool {
            if let message = wanted.message { return text == message }
            if let regex = wanted.regex { return try Regex(regex, anchored: false).matches(text) }
            return true
        }
        for text in wanted where try !found.contains(where: { try matches($0, text) }) {
            throw Mismatch(reason: "no \(what) '\(text.message ?? text.regex ?? "")' among \(found)")
        }
        for text in found where try !wanted.contains(where: { try matches(text, $0) }) {
            throw Mismatch(reason: "unexpected \(what): \(text)")
        }
    }

    private func compare(_ result: QueryResult, _ evaluation: PromQLTestFile.Evaluation) throws {
        if let string = evaluation.string {
            guard case .string(let found) = result.value, found == string else {
                throw Mismatch(reason: "got \(result.value), wanted string '\(string)'")
            }
            return
        }
        switch result.value {
        case .string(let text): throw Mismatch(reason: "got string '\(text)'")
        case .scalar(let value):
            let row = evaluation.rows.first ?? ""
            guard let wanted = Double(row), Self.almostEqual(value, wanted) else {
                throw Mismatch(reason: "got \(value), wanted '\(row)'")
            }
        case .vector(let samples): try compare(samples, evaluation)
        case .matrix(let matrix): try compare(matrix, evaluation)
        }
    }

    private func compare(_ samples: [QueryResult.Sample], _ evaluation: PromQLTestFile.Evaluation) throws {
        var wanted: [(labels: Labels, value: Double)] = []
        for row in evaluation.rows {
            let notation = try SeriesNotation(row)
            guard case .value(let value)? = notation.items.first else { throw Mismatch(reason: "bad row '\(row)'") }
            wanted.append((notation.labels, value))
        }
        for (index, sample) in samples.enumerated() {
            guard let position = wanted.firstIndex(where: { $0.labels == sample.labels }) else {
                throw Mismatch(reason: "unexpected \(sample.labels) \(sample.value)")
            }
            if evaluation.isOrdered, position != index {
                throw Mismatch(reason: "\(sample.labels) at position \(index), wanted \(position)")
            }
            guard Self.almostEqual(sample.value, wanted[position].value) else {
                throw Mismatch(reason: "\(sample.labels) is \(sample.value), wanted \(wanted[position].value)")
            }
        }
        for row in wanted where !samples.contains(where: { $0.labels == row.labels }) {
            throw Mismatch(reason: "missing \(row.labels)")
        }
        if samples.count != wanted.count { throw Mismatch(reason: "\(samples.count) series, wanted \(wanted.count)") }
    }

    private func compare(_ matrix: [QueryResult.Series], _ evaluation: PromQLTestFile.Evaluation) throws {
        let start: Int64
        let step: Int64
        switch (evaluation.when, evaluation.rangeVector) {
        case (_, let range?): (start, step) = (range.start, range.step)
        case (.range(let from, _, let by), nil): (start, step) = (from, by)
        case (.instant, nil): throw Mismatch(reason: "got a matrix")
        }
        var wanted: [Labels: SampleColumns] = [:]
        for row in evaluation.rows {
            let notation = try SeriesNotation(row)
            var samples = SampleColumns()
            for (index, item) in notation.items.enumerated() {
                if case .value(let value) = item { samples.append(start + Int64(index) * step, value) }
            }
            wanted[notation.labels] = samples
        }
        for series in matrix {
            guard let samples = wanted[series.labels] else {
                throw Mismatch(reason: "unexpected \(series.labels) \(series.samples.values)")
            }
            guard samples.timestamps == series.samples.timestamps,
                zip(samples.values, series.samples.values).allSatisfy({ Self.almostEqual($0, $1) })
            else {
                throw Mismatch(
                    reason: "\(series.labels) is \(series.samples.values) at \(series.samples.timestamps), "
                        + "wanted \(samples.values) at \(samples.timestamps)")
            }
        }
        for labels in wanted.keys where !matrix.contains(where: { $0.labels == labels }) {
            throw Mismatch(reason: "missing \(labels)")
        }
        if matrix.map(\.labels) != matrix.map(\.labels).sorted() { throw Mismatch(reason: "not sorted by labels") }
    }

    /// promqltest's comparison: a relative difference of a millionth passes.
    static func almostEqual(_ a: Double, _ b: Double) -> Bool {
        if StaleNaN.isStale(a) || StaleNaN.isStale(b) { return StaleNaN.isStale(a) && StaleNaN.isStale(b) }
        if a.isNaN && b.isNaN { return true }
        if a == b { return true }
        let (sum, difference) = (a.magnitude + b.magnitude, (a - b).magnitude)
        if a == 0 || b == 0 || sum < .leastNormalMagnitude { return difference < 1e-6 * .leastNormalMagnitude }
        return difference / min(sum, .greatestFiniteMagnitude) < 1e-6
    }
}
