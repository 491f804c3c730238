import CPlatform
import CSystemd

/// The service manager's protocol: readiness, reload, stop and watchdog. Without systemd every call does nothing.
enum Systemd {
    static func notifyReady() { notify("READY=1") }

    static func notifyReloading() {
        notify("RELOADING=1\nMONOTONIC_USEC=\(cplatform_monotonic_microseconds())")
    }

    static func notifyStopping() { notify("STOPPING=1") }

    static func notifyStatus(_ status: String) {
        notify("STATUS=" + status.split(separator: "\n").joined(separator: " "))
    }

    static func feedWatchdog() { notify("WATCHDOG=1") }

    /// How often the watchdog wants a sign of life, half its period; nil when it is off.
    static func watchdogInterval() -> Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0, microseconds > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds / 2))
    }

    private static func notify(_ state: String) {
        sd_notify(0, state)
    }
}
