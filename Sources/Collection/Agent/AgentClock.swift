import Glibc

/// The clock that the agent paces itself by.
enum AgentClock {
    /// Milliseconds of a clock that never jumps.
    static func monotonicMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
