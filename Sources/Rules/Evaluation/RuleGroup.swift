import Logging
import MartletCore
import SampleMath
import Service
import Templates

/// The rules of one group with their state, and their evaluation.
package final class RuleGroup: Sendable {
    /// What has happened since the group began.
    package struct Counts: Sendable {
        package internal(set) var iterations = 0
        package internal(set) var missed = 0
        package internal(set) var evaluations = 0
        package internal(set) var failures = 0
        /// Of the last evaluation.
        package internal(set) var samples = 0
        package internal(set) var durationSeconds = 0.0
        /// All rules' durations together.
        package internal(set) var ruleSeconds = 0.0
        /// Milliseconds since 1970; nil before the first.
        package internal(set) var evaluatedAtMs: Int64?
        package internal(set) var restoreSeconds: Double?
    }

    package let definition: RuleGroupDefinition
    package let file: String
    package let intervalMs: Int64
    package let rules: [Rule]
    let context: RuleContext
    let schedule: RuleSchedule
    private let restores: Bool
    private let durations: RuleDurations
    private let waves: [[Int]]
    private let state = Lock(Counts())
    /// Series of rules that a reload took away: they are ended with the next evaluation.
    private let abandoned: Lock<Set<Labels>>

    /// A group that has not been evaluated, or goes on where `predecessor` was. `restores` when alerts from before a
    /// restart are to be taken up after the second evaluation.
    package init(
        _ definition: RuleGroupDefinition, file: String, intervalMs: Int64, _ context: RuleContext,
        restores: Bool = false, durations: RuleDurations = RuleDurations(), replacing predecessor: RuleGroup? = nil
    ) {
        self.definition = definition
        self.file = file
        self.intervalMs = intervalMs
        self.context = context
        self.restores = restores
        self.durations = durations
        schedule = RuleSchedule(file: file, group: definition.name, intervalMs: intervalMs)
        rules = definition.rules.map { Rule($0, restores: restores) }
        waves = RuleWaves.of(definition.rules)
        abandoned = Lock(predecessor?.abandoned.withLock { $0 } ?? [])
        if let predecessor { adopt(predecessor) }
    }

    /// `file;name`, as Prometheus' metrics name a group.
    package var key: String { Self.key(file, definition.name) }

    static func key(_ file: String, _ name: String) -> String { "\(file);\(name)" }

    /// What has happened so far.
    package var counts: Counts { state.withLock { $0 } }

    /// All series that its rules wrote last.
    var written: Set<Labels> {
        rules.reduce(into: abandoned.withLock { $0 }) { $0.formUnion($1.written) }
    }

    /// True when a reload that gives this need not disturb the group.
    func isSame(_ fresh: RuleGroupDefinition, intervalMs freshMs: Int64, _ other: RuleContext) -> Bool {
        definition == fresh && intervalMs == freshMs && context.externalURL == other.externalURL
            && context.settings.queryOffsetMs == other.settings.queryOffsetMs
            && context.externalLabels.elementsEqual(other.externalLabels) { $0 == $1 }
    }

    /// Takes the state of rules with the same name and labels, first with first; what remains is abandoned.
    private func adopt(_ predecessor: RuleGroup) {
        state.withLock { $0 = predecessor.counts }
        var left = predecessor.rules
        for rule in rules {
            guard
                let index = left.firstIndex(where: {
                    $0.definition.name == rule.definition.name && $0.definition.labels == rule.definition.labels
                        && $0.definition.kind == rule.definition.kind
                })
            else { continue }
            rule.adopt(left.remove(at: index))
        }
        abandoned.withLock { abandoned in
            for rule in left { abandoned.formUnion(rule.written) }
        }
    }

    // MARK: Evaluating

    /// Evaluates slot after slot until the task is cancelled.
    func run() async {
        var slot = schedule.first(after: WallClock.milliseconds)
        var iterations = 0
        while await Self.sleep(until: slot) {
            await evaluate(atMs: slot)
            iterations += 1
            if restores, iterations == 2 { await perform { self.restoreAlerts(nowMs: WallClock.milliseconds) } }
            let next = schedule.next(after: slot, nowMs: WallClock.milliseconds)
            state.withLock { $0.missed += Int(next.missed) }
            slot = next.slot
        }
    }

    /// Evaluates all rules for a moment (milliseconds since 1970): in order where one needs another, else at the same
    /// time as far as there are threads.
    package func evaluate(atMs timeMs: Int64) async {
        let began = ContinuousClock.now
        let startedMs = WallClock.milliseconds
        var samples = 0
        for wave in waves {
            if Task.isCancelled { return }
            samples += await evaluate(wave, timeMs)
        }
        await perform { self.endAbandoned(timeMs) }
        let seconds = (ContinuousClock.now - began).seconds
        durations.iterations.add(seconds)
        state.withLock { counts in
            counts.iterations += 1
            counts.samples = samples
            counts.durationSeconds = seconds
            counts.ruleSeconds = rules.reduce(0) { $0 + $1.status.durationSeconds }
            counts.evaluatedAtMs = startedMs
        }
    }

    private func evaluate(_ wave: [Int], _ timeMs: Int64) async -> Int {
        guard wave.count > 1, context.threads != nil else {
            var samples = 0
            for index in wave { samples += await perform { self.evaluate(self.rules[index], timeMs) } ?? 0 }
            return samples
        }
        return await withTaskGroup(of: Int.self) { group in
            for index in wave {
                group.addTask { await self.perform { self.evaluate(self.rules[index], timeMs) } ?? 0 }
            }
            return await group.reduce(0, +)
        }
    }

    /// Runs work that may block where that is right; nil when it was cancelled before it began.
    @discardableResult
    private func perform<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result? {
        guard let threads = context.threads else { return body() }
        return try? await threads.run(body)
    }

    /// Evaluates one rule and writes what it gives; the number of samples.
    private func evaluate(_ rule: Rule, _ timeMs: Int64) -> Int {
        let began = ContinuousClock.now
        var status = RuleStatus()
        status.evaluatedAtMs = WallClock.milliseconds
        state.withLock { $0.evaluations += 1 }
        let offset = definition.queryOffsetMs ?? context.settings.queryOffsetMs
        var count = 0
        var problem: Logger.Message = "results of a rule were refused"
        var isCancelled = false
        do {
            let samples = try rule.evaluate(context, atMs: timeMs, offsetMs: offset, limit: definition.limit)
            count = samples.count
            if rule.definition.kind == .alerting { notify(rule, timeMs) }
            status.lastError = try write(samples, of: rule, timeMs - offset)
            status.health = status.lastError == nil ? .ok : .err
        } catch {
            status.health = .err
            status.lastError = "\(error)"
            state.withLock { $0.failures += 1 }
            problem = "a rule cannot be evaluated"
            isCancelled = (error as? RuleError)?.isCancellation == true
        }
        if !isCancelled { tell(of: rule, problem, status.lastError) }
        status.durationSeconds = (ContinuousClock.now - began).seconds
        durations.rules.add(status.durationSeconds)
        rule.note(status)
        return count
    }

    /// Logs that a rule fails, or works again, as often as anybody needs to know.
    private func tell(of rule: Rule, _ problem: Logger.Message, _ error: String?) {
        guard let notice = rule.notice(error) else { return }
        var metadata: Logger.Metadata = [
            "file": "\(file)", "group": "\(definition.name)", "rule": "\(rule.definition.name)",
        ]
        switch notice {
        case .fails(let error, let count):
            metadata["error"] = "\(error)"
            metadata["failures"] = "\(count)"
            context.logger.warning(problem, metadata: metadata)
        case .works(let count):
            metadata["failures"] = "\(count)"
            context.logger.info("a rule that failed works again", metadata: metadata)
        }
    }

    private func notify(_ rule: Rule, _ timeMs: Int64) {
        let due = rule.takeDue(context, atMs: timeMs, intervalMs: intervalMs)
        guard !due.isEmpty else { return }
        let link = context.externalURL.text + context.link(rule.definition.expression.description)
        context.notify(due.map { AlertNotification($0, generatorURL: link) })
    }

    /// Writes samples, and ends the series that the rule wrote last time and not now. Why samples were not taken, if any
    /// were not.
    private func write(_ samples: [RuleSample], of rule: Rule, _ timeMs: Int64) throws -> String? {
        let refused = samples.isEmpty ? [] : try context.sink.append(samples)
        let refusedIndexes = Set(refused.map(\.index))
        let taken = samples.enumerated().filter { !refusedIndexes.contains($0.offset) }.map(\.element.labels)
        try end(rule.replaceWritten(Set(taken)), timeMs)
        return refused.last?.reason
    }

    /// Writes staleness markers. That another rule has written a series meanwhile is no fault.
    private func end(_ series: Set<Labels>, _ timeMs: Int64) throws {
        guard !series.isEmpty else { return }
        let markers = series.sorted().map { RuleSample(labels: $0, timeMs: timeMs, value: StaleNaN.value) }
        for refusal in try context.sink.append(markers) where !refusal.isLate {
            context.logger.warning(
                "a staleness marker was refused",
                metadata: ["series": "\(markers[refusal.index].labels)", "reason": "\(refusal.reason)"])
        }
    }

    private func endAbandoned(_ timeMs: Int64) {
        let series = abandoned.withLock { series in
            defer { series = [] }
            return series
        }
        endAll(series, timeMs)
    }

    /// Ends all series of a group that is gone.
    func endAll(_ series: Set<Labels>, _ timeMs: Int64) {
        do {
            try end(series, timeMs - (definition.queryOffsetMs ?? context.settings.queryOffsetMs))
        } catch {
            context.logger.warning("staleness markers cannot be written", metadata: ["error": "\(error)"])
        }
    }

    func noteRestored(seconds: Double) { state.withLock { $0.restoreSeconds = seconds } }

    /// Waits for a moment of the wall clock; false when cancelled. The clock may be set meanwhile.
    static func sleep(until timeMs: Int64) async -> Bool {
        while true {
            let left = timeMs - WallClock.milliseconds
            if left <= 0 { return !Task.isCancelled }
            guard (try? await Task.sleep(for: .milliseconds(min(left, 10_000)))) != nil else { return false }
        }
    }
}

extension Duration {
    /// In seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
