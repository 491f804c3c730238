/// `node_pressure_*`: pressure stall information from `/proc/pressure`, where the kernel keeps it.
package struct PressureCollector: HostCollector {
    package let name = "pressure"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        for resource in ["cpu", "io", "memory"] {
            let text = try host.proc("pressure/\(resource)")
            for line in text.lines {
                let fields = line.fields
                guard let share = fields.first else { continue }
                guard let total = fields.last, total.starts(with: Array("total=".utf8)),
                    let microseconds = HostLine.unsigned(total.dropFirst(6))
                else { throw line.malformed("total= is missing") }
                let seconds = Double(microseconds) / 1e6
                if share.elementsEqual("some".utf8) {
                    metrics.add(
                        "node_pressure_\(resource)_waiting_seconds_total", .counter,
                        "Total time in seconds that processes have waited for \(resource).", seconds)
                } else if share.elementsEqual("full".utf8), resource != "cpu" {
                    metrics.add(
                        "node_pressure_\(resource)_stalled_seconds_total", .counter,
                        "Total time in seconds no process could make progress due to \(resource) congestion.", seconds)
                }
            }
        }
    }
}
