import Logging
import MartletCore
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// Turns signals into reload and graceful stop, from the first moment of the process.
///
/// SIGTERM and SIGINT stop the services gracefully; while the server is still starting there is nothing to drain, and
/// what is on disk is safe at any moment, so the process ends at once. A second one ends it in any case, and so does time:
/// what still runs ``closingTime`` after the requests in flight had to end would run for ever.
final class SignalDirector: Sendable {
    private let state: DaemonState
    private let group = Lock<ServiceGroup?>(nil)

    /// What stores get to flush and close, after the drain time of requests; systemd waits longer (`TimeoutStopSec`).
    private static let closingTime = Duration.seconds(40)

    init(state: DaemonState) {
        self.state = state
    }

    /// From now on there is something to stop gracefully.
    func started(_ group: ServiceGroup) {
        self.group.withLock { $0 = group }
    }

    /// Takes the signals over; from now on none is lost or ends the process by itself.
    static func trap() async -> UnixSignalsSequence {
        await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    }

    /// Obeys signals until cancelled.
    func run(_ signals: UnixSignalsSequence) async {
        var stopping = false
        for await signal in signals {
            if signal == .sighup {
                await state.reloadWhenStarted()
                continue
            }
            guard !stopping, let group = group.withLock({ $0 }) else {
                state.logger.warning("stopping at once", metadata: ["signal": .string("\(signal)")])
                Glibc.exit(stopping ? 1 : 0)
            }
            stopping = true
            state.logger.info("stopping", metadata: ["signal": .string("\(signal)")])
            state.readiness.stop()
            Systemd.notifyStopping()
            Task { await group.triggerGracefulShutdown() }
            Task { [state] in
                let patience = Duration.seconds(state.options.shutdownTimeout) + Self.closingTime
                try await Task.sleep(for: patience)
                state.logger.error(
                    "stopping at once: not everything has ended in time; what was acknowledged is on disk",
                    metadata: ["waited": .string("\(patience)")])
                Glibc.exit(1)
            }
        }
    }
}
