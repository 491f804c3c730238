package import Durable
import MartletCore

extension TraceDatabase: SealedStore {
    package func sealed(now: Int64) -> [String: SealedState] {
        Dictionary(all.map { ($0.tenant, $0.store.sealed(now: now)) }) { first, _ in first }
    }

    package func removeLocally(_ files: [SealedFile], tenant: String) {
        stores.existing(tenant)?.removeLocally(files)
    }
}
