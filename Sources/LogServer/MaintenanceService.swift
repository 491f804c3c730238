import LogStorage
import Service
import ServiceLifecycle

/// Looks after the storage every second: retention, limits, the index.
struct MaintenanceService: ServiceLifecycle.Service {
    let store: LogStore
    let blocking: BlockingPool

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(1))
                    try await blocking.run { store.maintain() }
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
