import Dispatch
import MartletCore

/// Works on parts of a query at the same time.
enum ConcurrentParts {
    /// What `work` makes of each part, in their order. One part is worked on by the calling thread, the others beside it.
    /// The first failure ends the query: the others are cancelled, and it is thrown.
    static func map<Part: Sendable, Result: Sendable>(
        _ parts: [Part], _ context: LogQueryContext, _ work: @Sendable (Part) throws(LogQueryError) -> Result
    ) throws(LogQueryError) -> [Result] {
        guard parts.count > 1 else {
            guard let only = parts.first else { return [] }
            return [try work(only)]
        }
        let results = Lock<[Result?]>([Result?](repeating: nil, count: parts.count))
        let failure = Lock<LogQueryError?>(nil)
        DispatchQueue.concurrentPerform(iterations: parts.count) { index in
            do throws(LogQueryError) {
                let result = try work(parts[index])
                results.withLock { $0[index] = result }
            } catch {
                failure.withLock { $0 = $0 ?? error }
                context.cancel()
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return results.withLock { $0.compactMap { $0 } }
    }
}
