import AsyncHTTPClient
import Durable
package import Logging
import MartletCore
package import Service
import ServiceLifecycle

/// Sends on what a log gets: a queue for each element of `remote_write`.
package actor RemoteWriter: ServiceLifecycle.Service {
    /// Limits, from flags.
    package struct Options: Sendable {
        /// How long what was read from the log may still be sent when a queue stops, up to `longestFlushMs`. Short, since what is
        /// not sent then is not lost: it stays in the log for the next start.
        package var flushDeadlineMs: Int64 = 10_000
        /// Segments of the log that are older stay no longer for a receiver that is down.
        package var backlogMs: Int64 = 3 * 86_400_000
        /// Nor do the oldest when those that wait are more bytes than this.
        package var backlogBytes = 10 << 30

        /// Ten seconds; three days and 10 GiB.
        package init() {}
    }

    /// Longer no queue is waited for: a process that stops must have ended, stores closed, before whoever stops it loses
    /// patience.
    package static let longestFlushMs: Int64 = 30_000

    private struct Running {
        let text: String
        let queue: WriteQueue
        var task: Task<Void, Never>?
    }

    private let store: any FollowedLog
    private let context: WriteQueue.Context
    private let directory: String
    private let options: Options
    private let logger: Logger
    private var running: [String: Running] = [:]
    private var isStarted = false
    private var isStopped = false
    /// The queues, for metrics and for the store.
    private nonisolated let queues = Lock<[WriteQueue]>([])

    /// Where positions are kept, in the log's directory.
    package static let directoryName = "remote-write"

    /// A sender without receivers. Positions are kept below the log's directory.
    package init(store: any FollowedLog, blocking: BlockingPool, options: Options = Options(), logger: Logger) {
        self.store = store
        self.options = options
        self.logger = logger
        directory = FilePath.join(store.path, Self.directoryName)
        context = WriteQueue.Context(
            path: store.path, positionFile: "", metadata: store.metadata, blocking: blocking,
            budget: store.queryBudget, logger: logger)
        let backlog = Backlog(
            path: FilePath.join(store.path, "wal"), maximumAgeMs: options.backlogMs, maximumBytes: options.backlogBytes)
        store.holdLog { [queues] in
            queues.withLock { $0 }.map(\.oldestSegment).min().flatMap { backlog.held(from: $0) }
        }
    }

    nonisolated var counters: [(config: RemoteWriteConfig, name: String, values: QueueCounters.Values)] {
        queues.withLock { $0 }.map { ($0.config, $0.name, $0.counters.current) }
    }

    nonisolated var highestTimestampMs: Int64 { store.newestSampleMs }

    /// Takes a configuration. Queues whose element and external labels stay as they were go on; the others end first what
    /// they have read, and what replaces them goes on from there.
    package func apply(_ configs: [RemoteWriteConfig], externalLabels: [(key: String, value: String)]) async throws {
        guard !isStopped else { return }
        let labels = externalLabels.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        let wanted = Self.identified(configs)
        for (id, old) in running {
            let text = wanted.first { $0.id == id }.map { $0.config.text + labels }
            if text == old.text { continue }
            running[id] = nil
            await stop(old)
            if text == nil { await remove(id) }
        }
        if !wanted.isEmpty {
            try await context.blocking.run { [directory] in try DiskFileSystem().makeDirectories(directory) }
        }
        for (id, config) in wanted where running[id] == nil {
            let queue = try await makeQueue(id, config, externalLabels)
            running[id] = Running(text: config.text + labels, queue: queue)
            publish()
            if isStarted { start(id) }
        }
        publish()
    }

    /// Sends until the server shuts down; then what was read is still sent, as long as the deadline lets it.
    package func run() async throws {
        isStarted = true
        for id in running.keys { start(id) }
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
        }
        await stop()
    }

    /// Ends all queues as `run` does at its end, also when that was never called.
    package func stop() async {
        isStopped = true
        await withTaskGroup(of: Void.self) { group in
            for id in running.keys { group.addTask { await self.end(id) } }
        }
    }

    /// Ends a queue for good, and says what it leaves for the next start when its receiver took too long.
    private func end(_ id: String) async {
        guard let item = running[id] else { return }
        await stop(item)
        guard running.removeValue(forKey: id) != nil else { return }
        let left = item.queue.counters.current.pending
        guard let task = item.task, task.isCancelled, left > 0 else { return }
        logger.warning(
            "not everything could be sent before the stop: it stays in the log on disk and is sent at the next start",
            metadata: [
                "remote_name": "\(item.queue.name)", "samples": "\(left)",
                "waited": "\(PrometheusDuration.format(flushMs))",
            ])
    }

    private var flushMs: Int64 { min(options.flushDeadlineMs, Self.longestFlushMs) }

    private func publish() {
        let all = running.values.map(\.queue).sorted { $0.name < $1.name }
        queues.withLock { $0 = all }
    }

    private func start(_ id: String) {
        guard let queue = running[id]?.queue, running[id]?.task == nil else { return }
        running[id]?.task = Task { await queue.run() }
    }

    private func makeQueue(
        _ id: String, _ config: RemoteWriteConfig, _ externalLabels: [(key: String, value: String)]
    ) async throws -> WriteQueue {
        let transport = try WriteClient(config)
        let name = config.name.isEmpty ? String(id.prefix(6)) : config.name
        let file = FilePath.join(directory, id)
        let context = WriteQueue.Context(
            path: context.path, positionFile: file, metadata: context.metadata, blocking: context.blocking,
            budget: context.budget, logger: context.logger)
        do {
            return try await context.blocking.run { [store] in
                try WriteQueue(
                    config, name: name, externalLabels: externalLabels, end: store.logEnd, transport: transport,
                    context: context)
            }
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    private func stop(_ item: Running) async {
        item.queue.stop()
        guard let task = item.task else {
            // It never ran, and so never ended its connections.
            return await Task { await item.queue.run() }.value
        }
        let patience = Task { [flushMs] in
            try await Task.sleep(for: .milliseconds(flushMs))
            task.cancel()
        }
        await task.value
        patience.cancel()
    }

    /// Forgets the position of a receiver that is not configured any more.
    private func remove(_ id: String) async {
        let file = FilePath.join(directory, id)
        do {
            try await context.blocking.run { try DiskFileSystem().removeTree(file) }
        } catch {
            logger.warning("a position cannot be removed", metadata: ["file": "\(file)", "error": "\(error)"])
        }
    }

    /// What a queue keeps its position under: it is the same as long as name and URL are. Of equal ones the later are
    /// numbered.
    private static func identified(_ configs: [RemoteWriteConfig]) -> [(id: String, config: RemoteWriteConfig)] {
        var seen: [String: Int] = [:]
        return configs.map { config in
            let text = config.name.isEmpty ? config.url : "name:\(config.name)"
            let number = seen[text, default: 0]
            seen[text] = number + 1
            let hash = Hash64.hash(Array((number == 0 ? text : "\(text)#\(number)").utf8))
            return (Hex.text(hash), config)
        }
    }
}
