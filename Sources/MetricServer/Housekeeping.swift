import Logging
import MetricStorage
import Service
import ServiceLifecycle

/// Calls the stores' maintenance at start, when a kill may have left something to do, once a minute, and when a block
/// is due.
struct Housekeeping: ServiceLifecycle.Service {
    let tenants: MetricTenants
    let blocking: BlockingPool
    let logger: Logger

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                var hasFailed: Bool
                repeat {
                    do {
                        hasFailed = false
                        try await blocking.run { [tenants] in try tenants.maintain(nowMs: WallClock.milliseconds) }
                    } catch is CancellationError {
                        return
                    } catch {
                        hasFailed = true
                        logger.error(
                            "maintenance failed; it is tried again in a minute", metadata: ["error": "\(error)"])
                    }
                } while await pause(afterFailure: hasFailed)
            }
        } onGracefulShutdown: {
            // A round may be merging large blocks.
            tenants.stopCompacting()
        }
    }

    /// Waits for a minute, or until samples have come of which a block is due: when old ones are sent they come faster than
    /// time passes. False when the task was cancelled.
    private func pause(afterFailure: Bool) async -> Bool {
        for _ in 0..<60 {
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return false }
            if !afterFailure, tenants.isBlockDue { return true }
        }
        return true
    }
}
