/// One value for each tenant: made when it is first asked for, kept from then on, and at most so many.
///
/// Clients choose their tenant's name, and each one costs a directory, a thread and memory: the limit keeps that in bounds.
/// Opening happens outside the table's lock and once per tenant, and whoever else asks for the same tenant meanwhile is
/// suspended, so that a slow disk holds up neither other tenants nor threads.
package final class TenantTable<Value: Sendable>: Sendable {
    /// There are as many tenants as allowed.
    package struct Full: Error, Hashable, CustomStringConvertible {
        /// The tenant that was not made.
        package let tenant: String
        /// Most tenants.
        package let limit: Int
        /// The flag or key that changes the limit.
        package let limitKey: String

        package var description: String {
            "tenant \"\(tenant)\" is not known and there are \(limit) tenants already; raise \(limitKey)"
        }
    }

    private enum Entry {
        case opening(Task<Value, any Error>)
        case open(Value)
    }

    private let limit: Int
    private let limitKey: String
    private let entries: Lock<[String: Entry]>

    /// - Parameters:
    ///   - limit: most tenants; those that are `known` count, but stay even beyond it.
    ///   - limitKey: the flag or key that changes the limit, for the error.
    ///   - known: tenants that are there already, by name.
    package init(limit: Int, limitKey: String, known: [String: Value] = [:]) {
        self.limit = limit
        self.limitKey = limitKey
        entries = Lock(known.mapValues { .open($0) })
    }

    /// The tenant's value; nil for a tenant that has none yet, or whose value is still being made.
    package func existing(_ tenant: String) -> Value? {
        entries.withLock { entries in
            guard case .open(let value) = entries[tenant] else { return nil }
            return value
        }
    }

    /// The tenant's value, made with `open` when it is new. After a failure the next call tries again.
    ///
    /// - Parameter open: opens files and the like: must not block the cooperative pool, so hand that to other threads.
    /// - Throws: ``Full``, or what `open` threw.
    package func value(
        for tenant: String, open: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let entry = try entries.withLock { (entries: inout [String: Entry]) throws(Full) -> Entry in
            if let known = entries[tenant] { return known }
            guard entries.count < limit else { throw Full(tenant: tenant, limit: limit, limitKey: limitKey) }
            // Not part of the first caller's task, whose cancellation must not fail those who wait with it.
            let made = Entry.opening(Task { try await self.make(tenant, open) })
            entries[tenant] = made
            return made
        }
        switch entry {
        case .open(let value): return value
        case .opening(let task): return try await task.value
        }
    }

    private func make(_ tenant: String, _ open: @Sendable () async throws -> Value) async throws -> Value {
        do {
            let value = try await open()
            entries.withLock { $0[tenant] = .open(value) }
            return value
        } catch {
            entries.withLock { $0[tenant] = nil }
            throw error
        }
    }

    /// All tenants with their values, in no order; without those that are being made.
    package var all: [(tenant: String, value: Value)] {
        entries.withLock { entries in
            entries.compactMap { tenant, entry in
                guard case .open(let value) = entry else { return nil }
                return (tenant, value)
            }
        }
    }
}
