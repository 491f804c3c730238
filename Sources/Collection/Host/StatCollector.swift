/// Interrupts, context switches, forks, boot time and process states from `/proc/stat`.
package struct StatCollector: HostCollector {
    package let name = "stat"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("stat")
        for line in text.lines {
            let fields = line.fields
            guard let head = fields.first else { continue }
            switch String(decoding: head, as: UTF8.self) {
            case "intr":
                metrics.add(
                    "node_intr_total", .counter, "Total number of interrupts serviced.", try line.count(fields, 1))
            case "ctxt":
                metrics.add(
                    "node_context_switches_total", .counter, "Total number of context switches.",
                    try line.count(fields, 1))
            case "processes":
                metrics.add("node_forks_total", .counter, "Total number of forks.", try line.count(fields, 1))
            case "btime":
                metrics.add(
                    "node_boot_time_seconds", .gauge, "Unix time of the last boot, in seconds.",
                    try line.count(fields, 1))
            case "procs_running":
                metrics.add(
                    "node_procs_running", .gauge, "Number of processes in runnable state.", try line.count(fields, 1))
            case "procs_blocked":
                metrics.add(
                    "node_procs_blocked", .gauge, "Number of processes blocked waiting for I/O to complete.",
                    try line.count(fields, 1))
            default: continue
            }
        }
    }
}
