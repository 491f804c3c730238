/// `node_load1`, `node_load5` and `node_load15` from `/proc/loadavg`.
package struct LoadavgCollector: HostCollector {
    package let name = "loadavg"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("loadavg")
        guard let line = text.lines.first else {
            throw .malformed(path: text.path, line: 1, what: "the file is empty")
        }
        let fields = line.fields
        for (index, minutes) in [(0, 1), (1, 5), (2, 15)] {
            guard index < fields.count, let value = HostLine.fraction(fields[index]) else {
                throw line.malformed("field \(index + 1) is not a load average")
            }
            metrics.add("node_load\(minutes)", .gauge, "\(minutes)m load average.", value)
        }
    }
}
