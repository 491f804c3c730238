import MartletCore
import PromQL
import PromQLTesting
import SampleMath

/// Runs a promqltest file on this engine.
struct PromQLTestRunner {
    struct Report {
        var passed = 0
        /// Line and reason.
        var failures: [(line: Int, reason: String)] = []
    }

    private struct Mismatch: Error {
        let reason: String
    }

    private var source = MemorySource()
    private(set) var report = Report()

    private let engine: Engine

    private init(delayedNameRemoval: Bool) {
        var options = Engine.Options()
        options.experimentalFunctions = true
        options.fillModifiers = true
        options.extendedRangeSelectors = true
        options.startTimestamps = true
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
            case .clear: runner.source = MemorySource()
            case .load(let load): try runner.load(load)
            case .evaluate(let evaluation): runner.evaluate(evaluation)
            }
        }
        return runner.report
    }

    private mutating func load(_ load: PromQLTestFile.Load) throws {
        // Of a series that is there twice the last line counts.
        var series: [Labels: (items: [SeriesNotation.Item], starts: [Int64?])] = [:]
        var starts: [Int64?] = []
        for line in load.lines {
            if let (_, offsets) = try StartNotation.parse(line) {
                starts = offsets
                continue
            }
            let notation = try SeriesNotation(line)
            if !starts.isEmpty, starts.count != notation.items.count {
                throw SeriesNotation.Failure(
                    description: "\(starts.count) start timestamps for \(notation.items.count) values in '\(line)'")
            }
            series[notation.labels] = (notation.items, starts)
            starts = []
        }
        var classic = ClassicHistogramLoad()
        for (labels, (items, starts)) in series {
            for (index, item) in items.enumerated() {
                let time = Int64(index) * load.interval
                let start = starts.isEmpty ? 0 : starts[index].map { time + $0 } ?? 0
                switch item {
                case .gap: continue
                case .value(let value):
                    source.add(labels, time, value, start: start)
                    if load.withClassicHistograms { classic.add(labels, time, value) }
                case .histogram(let histogram, _): source.add(labels, time, histogram, start: start)
                }
            }
        }
        for (labels, time, histogram) in try classic.histograms() { source.add(labels, time, histogram) }
    }

    private mutating func evaluate(_ evaluation: PromQLTestFile.Evaluation) {
        do {
            try check(evaluation)
            report.passed += 1
        } catch let mismatch as Mismatch {
            report.failures.append((evaluation.line, "\(evaluation.query): \(mismatch.reason)"))
        } catch {
            report.failures.append((evaluation.line, "\(evaluation.query): \(error)"))
        }
    }

    // MARK: One evaluation

    private func check(_ evaluation: PromQLTestFile.Evaluation) throws {
        let result: QueryResult
        do throws(QueryError) {
            result = try run(evaluation)
        } catch {
            guard let fails = evaluation.fails else { throw Mismatch(reason: "failed: \(error)") }
            let prefix = "invalid parameter \"query\": "
            let text = error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message
            if let message = fails.message, text != message {
                throw Mismatch(reason: "failed with '\(text)', wanted '\(message)'")
            }
            if let regex = fails.regex, try !Regex(regex, anchored: false).matches(error.message) {
                throw Mismatch(reason: "failed with '\(error)', wanted /\(regex)/")
            }
            return
        }
        if evaluation.fails != nil { throw Mismatch(reason: "did not fail") }
        try checkAnnotations(result, evaluation)
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
                    try checkAnnotations(result, evaluation)
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
            if let index = series.samples.timestamps.firstIndex(of: time) {
                samples.append(QueryResult.Sample(labels: series.labels, value: series.samples.values[index]))
            } else if let index = series.histograms.timestamps.firstIndex(of: time) {
                samples.append(QueryResult.Sample(labels: series.labels, histogram: series.histograms.values[index]))
            }
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

    private func checkAnnotations(_ result: QueryResult, _ evaluation: PromQLTestFile.Evaluation) throws {
        // Where names go at once, Prometheus' texts do not name the metric, and the files expect that they do.
        guard engine.options.delayedNameRemoval else { return }
        try checkAnnotations(result.warnings, evaluation.warnings, none: evaluation.noWarnings, "warning")
        try checkAnnotations(result.infos, evaluation.infos, none: evaluation.noInfos, "info")
    }

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
        var wanted: [(labels: Labels, item: SeriesNotation.Item)] = []
        for row in evaluation.rows {
            let notation = try SeriesNotation(row)
            guard let item = notation.items.first else { throw Mismatch(reason: "bad row '\(row)'") }
            wanted.append((notation.labels, item))
        }
        for (index, sample) in samples.enumerated() {
            guard let position = wanted.firstIndex(where: { $0.labels == sample.labels }) else {
                throw Mismatch(
                    reason: "unexpected \(sample.labels) \(sample.histogram?.description ?? "\(sample.value)")")
            }
            if evaluation.isOrdered, position != index {
                throw Mismatch(reason: "\(sample.labels) at position \(index), wanted \(position)")
            }
            guard Self.matches(sample.value, sample.histogram, wanted[position].item) else {
                throw Mismatch(
                    reason: "\(sample.labels) is \(sample.histogram?.description ?? "\(sample.value)"), "
                        + "wanted \(wanted[position].item)")
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
        var wanted: [Labels: [Int64: SeriesNotation.Item]] = [:]
        for row in evaluation.rows {
            let notation = try SeriesNotation(row)
            var items: [Int64: SeriesNotation.Item] = [:]
            for (index, item) in notation.items.enumerated() {
                if case .gap = item { continue }
                items[start + Int64(index) * step] = item
            }
            wanted[notation.labels] = items
        }
        for series in matrix {
            guard let items = wanted[series.labels] else {
                throw Mismatch(
                    reason: "unexpected \(series.labels) \(series.samples.values) \(series.histograms.values)")
            }
            var matched = 0
            for (time, value) in zip(series.samples.timestamps, series.samples.values) {
                guard let item = items[time], Self.matches(value, nil, item) else {
                    throw Mismatch(
                        reason: "\(series.labels) is \(value) at \(time), wanted \(items[time].map { "\($0)" } ?? "_")")
                }
                matched += 1
            }
            for (time, histogram) in zip(series.histograms.timestamps, series.histograms.values) {
                guard let item = items[time], Self.matches(0, histogram, item) else {
                    throw Mismatch(
                        reason: "\(series.labels) is \(histogram) at \(time), "
                            + "wanted \(items[time].map { "\($0)" } ?? "_")")
                }
                matched += 1
            }
            if matched != items.count {
                throw Mismatch(
                    reason: "\(series.labels) has \(matched) points, wanted \(items.count); "
                        + "it is \(series.samples.values) at \(series.samples.timestamps)")
            }
        }
        for labels in wanted.keys where !matrix.contains(where: { $0.labels == labels }) {
            throw Mismatch(reason: "missing \(labels)")
        }
        if matrix.map(\.labels) != matrix.map(\.labels).sorted() { throw Mismatch(reason: "not sorted by labels") }
    }

    private static func matches(
        _ value: Double, _ histogram: NativeHistogram?, _ wanted: SeriesNotation.Item
    ) -> Bool {
        switch (wanted, histogram) {
        case (.value(let expected), nil): almostEqual(value, expected)
        case (.histogram(let expected, let namesHint), let found?): almostEqual(found, expected, hint: namesHint)
        default: false
        }
    }

    /// Layout to the letter, counts within the tolerance; empty buckets do not matter.
    private static func almostEqual(_ found: NativeHistogram, _ expected: NativeHistogram, hint: Bool) -> Bool {
        var (a, b) = (found, expected)
        a.compact()
        b.compact()
        let pairs =
            [(a.count, b.count), (a.sum, b.sum), (a.zeroCount, b.zeroCount)]
            + zip(a.positive.counts, b.positive.counts) + zip(a.negative.counts, b.negative.counts)
        return a.schema == b.schema && a.zeroThreshold == b.zeroThreshold && a.customBounds == b.customBounds
            && a.positive.indices == b.positive.indices && a.negative.indices == b.negative.indices
            && (!hint || a.hint == b.hint) && pairs.allSatisfy { almostEqual($0.0, $0.1) }
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
