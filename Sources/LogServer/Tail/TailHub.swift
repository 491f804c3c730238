import LogStorage
import MartletCore

/// Gives pushes that were stored to those who follow their tenant.
final class TailHub: Sendable {
    private struct State {
        var followers: [String: [Int: TailQueue]] = [:]
        var next = 0
    }

    /// Tails of a tenant at a time; 0 for no limit.
    let limit: Int
    private let budget: MemoryBudget
    private let state = Lock(State())

    /// A hub for at most `limit` tails of a tenant. Records that wait take their memory from `budget`.
    init(limit: Int, budget: MemoryBudget) {
        self.limit = limit
        self.budget = budget
    }

    /// A place that gets what is pushed to tenants from now on; nil when as many follow one of them already as may.
    func follow(_ tenants: [String]) -> TailPlace? {
        let queue = state.withLock { state -> TailQueue? in
            guard limit == 0 || tenants.allSatisfy({ (state.followers[$0]?.count ?? 0) < limit }) else { return nil }
            let queue = TailQueue(id: state.next, tenants: tenants)
            state.next += 1
            for tenant in tenants { state.followers[tenant, default: [:]][queue.id] = queue }
            return queue
        }
        return queue.map { TailPlace($0, in: self) }
    }

    /// Ends a queue.
    func leave(_ queue: TailQueue) {
        state.withLock { state in
            for tenant in queue.tenants {
                state.followers[tenant]?[queue.id] = nil
                if state.followers[tenant]?.isEmpty == true { state.followers[tenant] = nil }
            }
        }
        queue.finish()
    }

    /// Gives a record that was stored to the tenant's followers.
    func publish(_ record: LogRecord, tenant: String) {
        guard !record.isEmpty, let queues = state.withLock({ $0.followers[tenant] }) else { return }
        let shared = TailRecord(tenant: tenant, record: record, budget: budget)
        for queue in queues.values { queue.add(shared) }
    }
}
