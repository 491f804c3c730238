import LogQL
package import LogStorage
package import SealedObjects

/// What tenants have stored, without what they asked to be deleted.
package struct TenantSources: Sendable {
    let store: LogStore
    let deletes: DeleteRequests
    /// The deletions that other writers tell of; nil without an object store.
    private let others: SharedDeletes?

    /// Lines of `store` without those of `deletes`, and of the deletes that `bucket` tells of.
    package init(store: LogStore, deletes: DeleteRequests, bucket: BucketReader? = nil) {
        self.store = store
        self.deletes = deletes
        others = bucket.map { SharedDeletes($0) }
    }

    /// A tenant's lines.
    func source(_ tenant: String) -> any LogSource {
        guard let stored = store.source(tenant: tenant) else { return EmptySource() }
        var deletions = deletes.deletions(tenant)
        if let others {
            do throws(LogQueryError) {
                deletions += try others.deletions(tenant)
            } catch {
                return FailingSource(error: error)
            }
        }
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
