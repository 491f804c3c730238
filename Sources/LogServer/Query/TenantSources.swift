import LogQL
package import LogStorage

/// What tenants have stored, without what they asked to be deleted.
package struct TenantSources: Sendable {
    let store: LogStore
    let deletes: DeleteRequests

    /// Lines of `store` without those of `deletes`.
    package init(store: LogStore, deletes: DeleteRequests) {
        self.store = store
        self.deletes = deletes
    }

    /// A tenant's lines.
    func source(_ tenant: String) -> any LogSource {
        guard let stored = store.source(tenant: tenant) else { return EmptySource() }
        let deletions = deletes.deletions(tenant)
        return deletions.isEmpty ? stored : DeletingSource(stored, without: deletions)
    }

    /// The lines of one tenant or more.
    func source(_ tenants: [String]) -> any LogSource {
        tenants.count == 1 ? source(tenants[0]) : TenantsSource(tenants.map { ($0, source($0)) })
    }

    /// What a query of at most `seconds` is held to.
    func context(timeoutSeconds seconds: Double) -> LogQueryContext {
        LogQueryContext(timeoutSeconds: seconds, memoryLimit: store.queryMemory, budget: store.queryBudget)
    }
}
