package import Durable

extension LogStore: SealedStore {
    package func sealed(now: Int64) -> [String: SealedState] {
        Dictionary(tenants.map { ($0.name, $0.logs.sealed(now: now)) }) { first, _ in first }
    }

    package func removeLocally(_ files: [SealedFile], tenant: String) throws {
        try logs(of: tenant)?.removeLocally(files)
    }
}
