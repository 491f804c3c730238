import Logging
import MartletCore
package import PromQL
import PromQLTesting
import Rules
import Templates

/// Runs the tests of one group of a file: evaluates the rules step by step over its series, and compares.
package struct UnitTestRun {
    private let file: UnitTestFile
    private let test: UnitTestFile.Group
    private let memory = RuleMemory()
    private let engine: Engine
    private var failures: [String] = []

    /// What does not come out as expected, worded as promtool does; empty when all does.
    package static func failures(
        _ file: UnitTestFile, _ test: UnitTestFile.Group, options: Engine.Options
    ) async -> [String] {
        var run = UnitTestRun(file, test, options)
        do {
            try await run.evaluate()
        } catch {
            return ["\(error)"]
        }
        return run.failures
    }

    private init(_ file: UnitTestFile, _ test: UnitTestFile.Group, _ options: Engine.Options) {
        self.file = file
        self.test = test
        var options = options
        options.subqueryStep = file.evaluationIntervalMs
        engine = Engine(options: options)
    }

    private mutating func evaluate() async throws {
        let groups = try loadGroups()
        var series = try test.series.map { try SeriesNotation("\($0.series) \($0.values)") }
        var loaded = [Int](repeating: 0, count: series.count)
        let end = test.startMs + test.lastEvalMs
        let times = Set(test.alerts.map(\.evalTimeMs)).sorted()
        var time = test.startMs
        while time <= end {
            for index in series.indices { load(&series[index], &loaded[index], until: time) }
            let errors = await evaluate(groups, at: time)
            guard errors.isEmpty else {
                failures += errors
                return
            }
            let elapsed = time - test.startMs
            for moment in times where moment >= elapsed && moment < elapsed + file.evaluationIntervalMs {
                for expected in test.alerts where expected.evalTimeMs == moment { compare(expected, groups) }
            }
            time += file.evaluationIntervalMs
        }
        for expected in test.expressions { compare(expected) }
    }

    private func loadGroups() throws -> [RuleGroup] {
        var context = RuleContext(
            engine: engine, source: memory, sink: memory, threads: nil,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        context.externalLabels = test.externalLabels
        context.externalURL = ExternalURL(test.externalURL)
        var groups: [RuleGroup] = []
        for path in file.ruleFiles {
            let rules = try RuleFile(path: path, options: engine.options.parserOptions)
            groups += rules.groups.map {
                RuleGroup($0, file: path, intervalMs: $0.intervalMs ?? test.intervalMs, context)
            }
        }
        // Groups that the order does not name stand with its first, as with promtool.
        let order = Dictionary(
            file.groupOrder.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        return groups.enumerated().sorted { a, b in
            let (x, y) = (order[a.element.definition.name] ?? 0, order[b.element.definition.name] ?? 0)
            return x == y ? a.offset < b.offset : x < y
        }.map(\.element)
    }

    /// Later samples are not there yet, for rules that look ahead.
    private func load(_ series: inout SeriesNotation, _ index: inout Int, until timeMs: Int64) {
        while index < series.items.count {
            let sampleTime = test.startMs + Int64(index) * test.intervalMs
            guard sampleTime <= timeMs else { return }
            memory.load(series.labels, series.items[index], atMs: sampleTime)
            index += 1
        }
    }

    private func evaluate(_ groups: [RuleGroup], at timeMs: Int64) async -> [String] {
        var errors: [String] = []
        for group in groups {
            await group.evaluate(atMs: timeMs)
            for rule in group.rules {
                guard let error = rule.status.lastError else { continue }
                let time = GoDuration.format(timeMs * 1_000_000)
                errors.append("    rule: \(rule.definition.name), time: \(time), err: \(error)")
            }
        }
        return errors
    }

    // MARK: Comparing

    private mutating func compare(_ expected: UnitTestFile.AlertCase, _ groups: [RuleGroup]) {
        let firing = groups.flatMap(\.rules)
            .filter { $0.definition.kind == .alerting && $0.definition.name == expected.name }
            .flatMap(\.activeAlerts).filter { $0.state == .firing }
        let found = firing.map { AlertText(labels: $0.labels, annotations: $0.annotations) }.sorted()
        let wanted = expected.alerts.map { alert in
            var labels = alert.labels
            labels["alertname"] = expected.name
            return AlertText(
                labels: Labels(labels.map { ($0.key, $0.value) }),
                annotations: Labels(alert.annotations.map { ($0.key, $0.value) }))
        }.sorted()
        guard found != wanted else { return }
        let title = test.name.isEmpty ? "" : "    name: \(test.name),\n"
        let time = PrometheusDuration.format(expected.evalTimeMs)
        failures.append(
            "\(title)    alertname: \(expected.name), time: \(time), \n        exp:\(AlertText.list(wanted)), \n"
                + "        got:\(AlertText.list(found))")
    }

    private mutating func compare(_ expected: UnitTestFile.ExpressionCase) {
        let head =
            "    expr: \(GoQuote.quote(expected.expression)), time: \(PrometheusDuration.format(expected.evalTimeMs)),"
        do {
            let found = try query(expected).sorted()
            let wanted = try expected.samples.map { try SampleText($0) }.sorted()
            let isEqual =
                found.count == wanted.count
                && zip(found, wanted).allSatisfy { $0.isEqual($1, isFuzzy: file.isFuzzy) }
            guard !isEqual else { return }
            failures.append("\(head)\n        exp: \(SampleText.list(wanted))\n        got: \(SampleText.list(found))")
        } catch {
            failures.append("\(head) err: \(error)")
        }
    }

    private func query(_ expected: UnitTestFile.ExpressionCase) throws -> [SampleText] {
        let expression = try Parser.parse(expected.expression, options: engine.options.parserOptions)
        let time = test.startMs + expected.evalTimeMs
        switch try engine.instant(expression, at: time, source: memory, context: QueryContext()).value {
        case .vector(let samples):
            return samples.map {
                SampleText(
                    labels: $0.labels, value: $0.histogram == nil ? $0.value : 0,
                    histogram: $0.histogram.map(HistogramNotation.text))
            }
        case .scalar(let value): return [SampleText(labels: Labels(), value: value, histogram: nil)]
        default: throw QueryError(.execution, "rule result is not a vector or scalar")
        }
    }
}
