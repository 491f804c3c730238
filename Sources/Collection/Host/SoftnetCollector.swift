/// `node_softnet_*`: packets processed, dropped and squeezed per CPU from `/proc/net/softnet_stat`.
package struct SoftnetCollector: HostCollector {
    package let name = "softnet"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("net/softnet_stat")
        let lines = text.lines
        let columns = lines.first?.fields.count ?? 0
        for (row, line) in lines.enumerated() {
            let fields = line.fields
            guard fields.count >= 9 else { throw line.malformed("\(fields.count) columns, at least 9 expected") }
            guard fields.count == columns, fields.allSatisfy({ $0.count == 8 }) else {
                throw line.malformed("the columns are not those of the first line")
            }
            // Kernels since 5.10 give the CPU's number in column 13; before, the row is the CPU.
            let cpu = fields.count > 12 ? HostLine.hexadecimal(fields[12]).map(String.init) : nil
            for (column, metric, help) in [
                (0, "processed", "Number of processed packets."), (1, "dropped", "Number of dropped packets."),
                (2, "times_squeezed", "Number of times processing packets ran out of quota."),
            ] {
                guard let value = HostLine.hexadecimal(fields[column]) else {
                    throw line.malformed("column \(column + 1) is not hexadecimal")
                }
                metrics.add(
                    "node_softnet_\(metric)_total", .counter, help, Double(value), ["cpu": cpu ?? String(row)])
            }
        }
    }
}
