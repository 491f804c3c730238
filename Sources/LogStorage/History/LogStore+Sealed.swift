package import Durable

extension LogStore: SealedStore {
    package func sealed(now: Int64) -> [String: SealedState] {
        var states: [String: SealedState] = [:]
        for (name, logs) in tenants { states[name] = logs.sealed(now: now) }
        // Afterwards: a file that is in none of the states is among these.
        for (name, spans) in gone.all {
            let state = states[name] ?? SealedState(files: [], sealedUntil: TenantLogs.sealedUntil(now))
            states[name] = SealedState(files: state.files, sealedUntil: state.sealedUntil, gone: spans)
        }
        return states
    }

    /// The segment files of a tenant.
    package func sealedFiles(tenant: String) -> [SealedFile] { logs(of: tenant)?.sealed(now: 0).files ?? [] }

    package func forget(_ spans: [SealedSpan], tenant: String) { gone.forget(spans, tenant: tenant) }

    package func removeLocally(_ files: [SealedFile], tenant: String) throws {
        try logs(of: tenant)?.removeLocally(files)
    }
}
