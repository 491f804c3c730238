/// `node_nf_conntrack_*`: entries, their limit and the per-CPU statistics summed.
package struct ConntrackCollector: HostCollector {
    package let name = "conntrack"
    private static let statistics = [
        "found", "invalid", "ignore", "insert", "insert_failed", "drop", "early_drop", "search_restart",
    ]

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        for (file, metric, help) in [
            ("nf_conntrack_count", "entries", "Number of currently allocated flow entries for connection tracking."),
            ("nf_conntrack_max", "entries_limit", "Maximum size of connection tracking table."),
        ] {
            let text = try host.proc("sys/net/netfilter/\(file)")
            guard let line = text.lines.first else {
                throw .malformed(path: text.path, line: 1, what: "the file is empty")
            }
            metrics.add("node_nf_conntrack_\(metric)", .gauge, help, try line.count(line.fields, 0))
        }
        let text = try host.proc("net/stat/nf_conntrack")
        let lines = text.lines
        guard let header = lines.first?.fields.map({ String(decoding: $0, as: UTF8.self) }) else { return }
        for statistic in ConntrackCollector.statistics {
            guard let column = header.firstIndex(of: statistic) else { continue }
            var sum: UInt64 = 0
            for line in lines.dropFirst() {
                let fields = line.fields
                guard column < fields.count, let value = HostLine.hexadecimal(fields[column]) else {
                    throw line.malformed("column \(statistic) is not hexadecimal")
                }
                sum &+= value
            }
            metrics.add(
                "node_nf_conntrack_stat_\(statistic)", .gauge, "Connection tracking statistic \(statistic).",
                Double(sum))
        }
    }
}
