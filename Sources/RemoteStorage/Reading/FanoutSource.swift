package import Logging
package import MartletCore
package import MetricStorage
package import PromQL
import Wire

/// What queries read: the store, and the servers of `remote_read`. One of these that gives no answer is a warning of the query,
/// not its end.
package final class FanoutSource: MetricSource {
    private let store: MetricStore
    private let readers = Lock<[RemoteReader]>([])
    private let logger: Logger

    /// The store alone, until a configuration names servers.
    package init(_ store: MetricStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Takes a configuration. Queries that run keep the servers that they began with.
    package func apply(_ configs: [RemoteReadConfig], externalLabels: [(key: String, value: String)]) async throws {
        let fresh = try configs.map { try RemoteReader($0, externalLabels: externalLabels) }
        let old = readers.withLock { readers in
            defer { readers = fresh }
            return readers
        }
        for reader in old { await reader.shutdown() }
    }

    /// Ends connections.
    package func shutdown() async {
        let all = readers.withLock { readers in
            defer { readers = [] }
            return readers
        }
        for reader in all { await reader.shutdown() }
    }

    package func select(
        _ selection: MetricSelection, context: QueryContext
    ) throws(QueryError) -> any MetricSeriesSet {
        let own = try store.select(selection, context: context)
        let readers = readers.withLock { $0 }
        guard !readers.isEmpty else { return own }
        let start = store.startTimeMs
        let asked = readers.compactMap { reader in
            reader.query(selection, localStart: start).map { (reader, $0) }
        }
        guard !asked.isEmpty else { return own }
        let answers = Answers.collect(asked.count, context) { index in
            try await asked[index].0.read(asked[index].1, selection, context: context)
        }
        try context.check()
        var parts = [own]
        for ((reader, _), answer) in zip(asked, answers) {
            switch answer {
            case .success(let set): parts.append(set)
            case .failure(let error):
                if let error = error as? QueryError { throw error }
                let url = reader.config.name.isEmpty ? reader.config.url : reader.config.name
                context.warn("remote read from \(url): \(error)")
                logger.warning("remote read failed", metadata: ["url": "\(url)", "error": "\(error)"])
            }
        }
        return try FanoutSeriesSet(parts, context: context)
    }

    // MARK: Labels

    package func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] {
        let own = try store.series(
            matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
        guard !readers.withLock({ $0.isEmpty }) else { return own }
        var all = Set(own)
        for list in matchers {
            let selection = MetricSelection(
                matchers: list, minTime: minTime, maxTime: maxTime, hints: .init(function: "series"))
            let set = try select(selection, context: context)
            for index in 0..<set.count { all.insert(set.labels(at: index)) }
        }
        let sorted = all.sorted()
        return limit > 0 ? Array(sorted.prefix(limit)) : sorted
    }

    /// Of the store alone: remote read cannot ask for names.
    package func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] {
        try store.labelNames(matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
    }

    /// Of the store alone: remote read cannot ask for values.
    package func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] {
        try store.labelValues(
            of: name, matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
    }
}
