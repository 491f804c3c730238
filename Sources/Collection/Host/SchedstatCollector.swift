/// `node_schedstat_*`: time running and waiting, and timeslices, per CPU from `/proc/schedstat`.
package struct SchedstatCollector: HostCollector {
    package let name = "schedstat"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("schedstat")
        for line in text.lines where line.text.starts(with: Array("cpu".utf8)) {
            let fields = line.fields
            guard fields.count >= 10, let head = fields.first else { throw line.malformed("fewer than 10 fields") }
            let cpu = String(decoding: head.dropFirst(3), as: UTF8.self)
            metrics.add(
                "node_schedstat_running_seconds_total", .counter, "Number of seconds CPU spent running a process.",
                try line.count(fields, 7) / 1e9, ["cpu": cpu])
            metrics.add(
                "node_schedstat_waiting_seconds_total", .counter,
                "Number of seconds spent by processing waiting for this CPU.", try line.count(fields, 8) / 1e9,
                ["cpu": cpu])
            metrics.add(
                "node_schedstat_timeslices_total", .counter, "Number of timeslices executed by CPU.",
                try line.count(fields, 9), ["cpu": cpu])
        }
    }
}
