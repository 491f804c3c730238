import Durable
import LogQL
import LogStorage
import SealedObjects
import Service
import ServiceLifecycle

/// Looks after the storage every second: retention, limits, the index; every ten seconds for deletes, whose lines go from the disk
/// once they cannot be taken back any more.
struct MaintenanceService: ServiceLifecycle.Service {
    let store: LogStore
    let deletes: DeleteRequests
    let bucket: BucketReader?
    let retention: LogRetention
    /// Milliseconds after which the lines of a delete request go from the disk; nil for never.
    let purgePeriod: Int64?
    let blocking: BlockingPool

    /// Whether the object store has what may have lines that were deleted, and is in no file that a purge looks at.
    /// The files are looked at once for all of a tenant's deletions.
    private func isElsewhere(_ tenant: String) -> (LogDeletion) -> Bool {
        guard let bucket else { return { _ in false } }
        let held = Set(store.sealedFiles(tenant: tenant).map(\.span))
        return { deletion in
            deletion.start <= deletion.end
                && bucket.hasMore(of: tenant, in: deletion.start...deletion.end, than: held)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(1))
                    let forgets = round % 10 == 0
                    round += 1
                    try await blocking.run {
                        store.maintain()
                        if forgets {
                            if let purgePeriod {
                                deletes.process(
                                    createdBefore: WallClock.milliseconds - purgePeriod,
                                    { try store.purge($1, tenant: $0) }, isElsewhere: isElsewhere)
                            }
                            deletes.forget(before: retention.horizon(now: WallClock.nanoseconds) / 1_000_000) {
                                [store.oldestTime(tenant: $0), bucket?.oldestTime(tenant: $0)].compactMap(\.self).min()
                            }
                        }
                    }
                } catch is CancellationError {
                    return
                } catch {
                    // The pool is full: the next round comes in a second.
                    continue
                }
            }
        }
    }
}
