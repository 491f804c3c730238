import CPlatform
import CSystemd

/// The service manager's protocol: readiness, reload, stop and watchdog. Without systemd every call does nothing.
enum Systemd {
    static func notifyReady() { notify("READY=1") }

    static func notifyReloading() {
        notify("RELOADING=1\nMONOTONIC_USEC=\(cplatform_monotonic_microseconds())")
    }

    static func notifyStopping() { notify("STOPPING=1") }

    /// Gives the service manager its signs of life until cancelled. They come from the pool that serves requests, so a
    /// process whose threads are all stuck is restarted.
    static func keepFeedingWatchdog() async {
        guard let interval = watchdogInterval() else { return }
        while !Task.isCancelled {
            notify("WATCHDOG=1")
            try? await Task.sleep(for: interval)
        }
    }

    /// How often the watchdog wants a sign of life, half its period; nil when it is off.
    private static func watchdogInterval() -> Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0, microseconds > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds / 2))
    }

    private static func notify(_ state: String) {
        sd_notify(0, state)
    }
}
