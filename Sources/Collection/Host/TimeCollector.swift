import Glibc

/// `node_time_seconds`, the zone's offset and the clock sources.
package struct TimeCollector: HostCollector {
    package let name = "time"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        var now = timespec()
        guard clock_gettime(CLOCK_REALTIME, &now) == 0 else { throw .systemCall(name: "clock_gettime", errno: errno) }
        metrics.add(
            "node_time_seconds", .gauge, "System time in seconds since epoch (1970).",
            Double(now.tv_sec) + Double(now.tv_nsec) / 1e9)
        var local = tm()
        var seconds = now.tv_sec
        if localtime_r(&seconds, &local) != nil {
            let zone = local.tm_zone.map { String(cString: $0) } ?? ""
            metrics.add(
                "node_time_zone_offset_seconds", .gauge, "System time zone offset in seconds.",
                Double(local.tm_gmtoff), ["time_zone": zone])
        }
        let base = "devices/system/clocksource"
        for directory in host.list(host.paths.sys(base)) where directory.hasPrefix("clocksource") {
            let device = String(directory.dropFirst("clocksource".count))
            let available = host.sysLine("\(base)/\(directory)/available_clocksource") ?? ""
            for source in available.split(separator: " ") {
                metrics.add(
                    "node_time_clocksource_available_info", .gauge, "Available clocksources read from sysfs.", 1,
                    ["clocksource": String(source), "device": device])
            }
            if let current = host.sysLine("\(base)/\(directory)/current_clocksource") {
                metrics.add(
                    "node_time_clocksource_current_info", .gauge, "Current clocksource read from sysfs.", 1,
                    ["clocksource": current, "device": device])
            }
        }
    }
}
