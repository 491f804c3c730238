import Logging
import MetricStorage
import Service
import ServiceLifecycle

/// Calls the store's maintenance at start, when a kill may have left something to do, and once a minute.
struct Housekeeping: ServiceLifecycle.Service {
    let store: MetricStore
    let blocking: BlockingPool
    let logger: Logger

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                repeat {
                    do {
                        try await blocking.run { [store] in try store.maintain(nowMs: WallClock.milliseconds) }
                    } catch is CancellationError {
                        return
                    } catch {
                        logger.error(
                            "maintenance failed; it is tried again in a minute", metadata: ["error": "\(error)"])
                    }
                } while (try? await Task.sleep(for: .seconds(60))) != nil
            }
        } onGracefulShutdown: {
            // A round may be merging large blocks.
            store.stopCompacting()
        }
    }
}
