import MartletCore
import PromQL
import Service

/// Runs queries on threads of their own, so that neither event loops nor writes wait for them; a client that goes away
/// or a server that stops cancels.
struct QueryRunner: Sendable {
    private let pool: BlockingPool
    private let maxSamples: Int
    private let timeoutMs: Int64
    private let memory: MemoryBudget

    /// What the queries hold together is taken from `memory`.
    init(concurrency: Int, maxSamples: Int, timeoutMs: Int64, memory: MemoryBudget) {
        self.memory = memory
        pool = BlockingPool(threads: concurrency, queueLimit: 1000)
        self.maxSamples = maxSamples
        self.timeoutMs = timeoutMs
    }

    /// How often is looked whether the client is still there.
    private static let watchInterval = Duration.milliseconds(200)

    /// Runs `body` with a context of its own; `timeoutMs` may only shorten the server's limit.
    func run<Result: Sendable>(
        for request: ServiceContext, timeoutMs wanted: Int64? = nil, statistics: QueryStatistics? = nil,
        _ body: @escaping @Sendable (QueryContext) throws -> Result
    ) async throws -> Result {
        let timeout = min(wanted ?? timeoutMs, timeoutMs)
        if let wanted, wanted <= 0 { throw QueryError(.timeout, "query timed out in query execution") }
        let context = QueryContext(
            maxSamples: maxSamples, timeoutSeconds: Double(max(timeout, 1)) / 1000, memory: memory,
            statistics: statistics)
        return try await run(in: context, for: request) { try body(context) }
    }

    /// What an answer is held to that is made piece by piece, as its reader takes it: samples and memory, but no
    /// deadline, since most of the time may be the reader's.
    func makeStreamContext() -> QueryContext {
        QueryContext(maxSamples: maxSamples, timeoutSeconds: 0, memory: memory)
    }

    /// Runs a query, or a part of one, in a context.
    func run<Result: Sendable>(
        in context: QueryContext, for request: ServiceContext, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask { try await pool.run { try body() } }
                group.addTask {
                    while request.isClientConnected { try await Task.sleep(for: Self.watchInterval) }
                    context.cancel()
                    return nil
                }
                while let finished = try await group.next() {
                    guard let result = finished else { continue }
                    group.cancelAll()
                    return result
                }
                throw CancellationError()
            }
        } onCancel: {
            context.cancel()
        }
    }

    func shutdown() async { await pool.shutdown() }
}
