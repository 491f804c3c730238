import LogStorage
import Service
import ServiceLifecycle

/// Looks after the storage every second: retention, limits, the index, deletes that concern nothing any more.
struct MaintenanceService: ServiceLifecycle.Service {
    let store: LogStore
    let deletes: DeleteRequests
    /// How long lines are kept; 0 for as long as there is room.
    let retentionSeconds: Int64
    let blocking: BlockingPool

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(1))
                    try await blocking.run {
                        store.maintain()
                        if retentionSeconds > 0 {
                            deletes.forget(before: WallClock.nanoseconds / 1_000_000 - retentionSeconds * 1000)
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
