import Logging
import MartletCore
import Service
import ServiceLifecycle

/// Runs groups of rules, each on its own schedule, and takes new ones while it runs: a group that stays as it is is not
/// disturbed, one that changes keeps the state of its rules.
package actor RuleManager: ServiceLifecycle.Service {
    /// A group and the file it is from.
    package struct Source: Sendable {
        package let file: String
        package let group: RuleGroupDefinition

        /// A group of a file.
        package init(file: String, group: RuleGroupDefinition) {
            self.file = file
            self.group = group
        }
    }

    private struct Running {
        let group: RuleGroup
        var task: Task<Void, Never>?
    }

    /// How long evaluations take.
    package nonisolated let durations = RuleDurations()
    private nonisolated let shown = Lock<[RuleGroup]>([])
    private var running: [String: Running] = [:]
    /// Groups that are gone, waiting for their series to be ended.
    private var ending: [Task<Void, Never>] = []
    private var isStarted = false
    private var isStopped = false
    private var isFirst = true

    /// No groups.
    package init() {}

    /// The groups that run, by file and name.
    package nonisolated var groups: [RuleGroup] { shown.withLock { $0 } }

    /// Replaces all groups. Groups without an interval get `intervalMs`.
    package func apply(_ sources: [Source], intervalMs: Int64, _ context: RuleContext) async {
        await apply(sources.map { (source: $0, context: context) }, intervalMs: intervalMs)
    }

    /// Replaces all groups, each with what it works with.
    package func apply(_ sources: [(source: Source, context: RuleContext)], intervalMs: Int64) async {
        guard !isStopped else { return }
        var old = running
        var new: [String: Running] = [:]
        var changed: [(source: Source, context: RuleContext, predecessor: Running?)] = []
        for (source, context) in sources {
            let key = RuleGroup.key(source.file, source.group.name)
            let predecessor = old.removeValue(forKey: key)
            let interval = source.group.intervalMs ?? intervalMs
            if let predecessor, predecessor.group.isSame(source.group, intervalMs: interval, context) {
                new[key] = predecessor
            } else {
                changed.append((source, context, predecessor))
            }
        }
        // Told to stop together, waited for together.
        for entry in changed { entry.predecessor?.task?.cancel() }
        for entry in old.values { entry.task?.cancel() }
        for (source, context, predecessor) in changed {
            await predecessor?.task?.value
            let group = RuleGroup(
                source.group, file: source.file, intervalMs: source.group.intervalMs ?? intervalMs, context,
                restores: isFirst, durations: durations, replacing: predecessor?.group)
            new[group.key] = Running(group: group, task: isStarted ? start(group) : nil)
        }
        for entry in old.values {
            await entry.task?.value
            if isStarted { end(entry.group) }
        }
        isFirst = false
        running = new
        let groups = new.values.map(\.group).sorted { ($0.file, $0.definition.name) < ($1.file, $1.definition.name) }
        shown.withLock { $0 = groups }
    }

    /// Evaluates until the server shuts down.
    package func run() async throws {
        isStarted = true
        for (key, entry) in running { running[key]?.task = start(entry.group) }
        await cancelWhenGracefulShutdown {
            // Until told to stop; a day is as good as any time.
            while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
        }
        isStopped = true
        let tasks = running.values.compactMap(\.task) + ending
        for task in tasks { task.cancel() }
        for entry in running.values { entry.group.context.evaluator.stop() }
        for task in tasks { await task.value }
    }

    private func start(_ group: RuleGroup) -> Task<Void, Never> { Task { await group.run() } }

    /// Ends the series of a group that is gone, after two intervals: a renamed group that writes them on has begun by then.
    private func end(_ group: RuleGroup) {
        let series = group.written
        let timeMs = WallClock.milliseconds
        guard !series.isEmpty else { return }
        ending.append(
            Task {
                guard (try? await Task.sleep(for: .milliseconds(2 * group.intervalMs))) != nil else { return }
                if let threads = group.context.threads {
                    try? await threads.run { group.endAll(series, timeMs) }
                } else {
                    group.endAll(series, timeMs)
                }
            })
    }
}
