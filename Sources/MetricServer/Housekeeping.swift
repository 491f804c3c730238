import Logging
import MetricStorage
import Service
import ServiceLifecycle

/// Calls the store's maintenance once a minute.
struct Housekeeping: ServiceLifecycle.Service {
    let store: MetricStore
    let blocking: BlockingPool
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(60))) != nil {
                do {
                    try await blocking.run { [store] in try store.maintain(nowMs: Now.milliseconds) }
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("maintenance failed; it is tried again in a minute", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
