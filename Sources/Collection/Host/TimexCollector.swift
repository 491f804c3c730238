import CPlatform
import Glibc

/// `node_timex_*`: how well the clock is disciplined, from adjtimex(2).
package struct TimexCollector: HostCollector {
    package let name = "timex"
    // <sys/timex.h>: the kernel's constants, of which Swift sees only the plain ones.
    private static let statusNanoseconds: Int32 = 0x2000
    private static let stateError: Int32 = 5
    private static let scaledPPM = 65536.0 * 1e6

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        var clock = timex()
        let state = adjtimex(&clock)
        guard state >= 0 else { throw .systemCall(name: "adjtimex", errno: errno) }
        let divisor = clock.status & TimexCollector.statusNanoseconds != 0 ? 1e9 : 1e6
        func gauge(_ name: String, _ value: Double, _ help: String) {
            metrics.add("node_timex_\(name)", .gauge, help, value)
        }
        gauge(
            "sync_status", state == TimexCollector.stateError ? 0 : 1,
            "Is clock synchronized to a reliable server (1 = yes, 0 = no).")
        gauge(
            "offset_seconds", Double(clock.offset) / divisor, "Time offset in between local system and reference clock."
        )
        gauge(
            "frequency_adjustment_ratio", 1 + Double(clock.freq) / TimexCollector.scaledPPM,
            "Local clock frequency adjustment.")
        gauge("maxerror_seconds", Double(clock.maxerror) / 1e6, "Maximum error in seconds.")
        gauge("estimated_error_seconds", Double(clock.esterror) / 1e6, "Estimated error in seconds.")
        gauge("status", Double(clock.status), "Value of the status array bits.")
        gauge("loop_time_constant", Double(clock.constant), "Phase-locked loop time constant.")
        gauge("tick_seconds", Double(clock.tick) / 1e6, "Seconds between clock ticks.")
        gauge("pps_frequency_hertz", Double(clock.ppsfreq) / TimexCollector.scaledPPM, "Pulse per second frequency.")
        gauge("pps_jitter_seconds", Double(clock.jitter) / divisor, "Pulse per second jitter.")
        gauge("pps_shift_seconds", Double(clock.shift), "Pulse per second interval duration.")
        gauge(
            "pps_stability_hertz", Double(clock.stabil) / TimexCollector.scaledPPM,
            "Pulse per second stability, average of recent frequency changes.")
        gauge("tai_offset_seconds", Double(clock.tai), "International Atomic Time (TAI) offset.")
        for (name, value, help) in [
            ("jitter", clock.jitcnt, "Pulse per second count of jitter limit exceeded events."),
            ("calibration", clock.calcnt, "Pulse per second count of calibration intervals."),
            ("error", clock.errcnt, "Pulse per second count of calibration errors."),
            ("stability_exceeded", clock.stbcnt, "Pulse per second count of stability limit exceeded events."),
        ] {
            metrics.add("node_timex_pps_\(name)_total", .counter, help, Double(value))
        }
    }
}
