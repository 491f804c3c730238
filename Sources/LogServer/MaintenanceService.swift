import LogStorage
import Service
import ServiceLifecycle

/// Looks after the storage every second: retention, limits, the index; every minute for deletes that concern nothing any
/// more, which takes a look at all that is stored.
struct MaintenanceService: ServiceLifecycle.Service {
    let store: LogStore
    let deletes: DeleteRequests
    let retention: LogRetention
    let blocking: BlockingPool

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(1))
                    let forgets = round % 60 == 0
                    round += 1
                    try await blocking.run {
                        store.maintain()
                        if forgets {
                            deletes.forget(before: retention.horizon(now: WallClock.nanoseconds) / 1_000_000) {
                                store.oldestTime(tenant: $0)
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
