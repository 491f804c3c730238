import ArgumentParser
import Service

/// The flags about the time that is looked at.
struct RangeOptions: ParsableArguments {
    @Option(
        name: [.customLong("since"), .customLong("from")],
        help: ArgumentHelp(
            "Begin: an age such as 3h, now-3h, a time in RFC 3339, or Unix seconds.", value: .time, default: "1h"))
    var since: FlagTime?

    @Option(
        name: [.customLong("until"), .customLong("to")],
        help: ArgumentHelp("End, not included.", value: .time, default: "now"))
    var until: FlagTime?

    func validate() throws { _ = try range(now: WallClock.nanoseconds) }

    /// Unix nanoseconds.
    func range(now: Int64) throws -> Range<Int64> {
        let end = until?.nanoseconds ?? now
        let start = since?.nanoseconds ?? max(0, min(now, end) - 3_600_000_000_000)
        guard start < end else { throw ValidationError("--since must be before --until") }
        return start..<end
    }
}
