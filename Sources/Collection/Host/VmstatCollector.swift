/// `node_vmstat_*`: paging, swapping, faults and OOM kills from `/proc/vmstat`.
package struct VmstatCollector: HostCollector {
    package let name = "vmstat"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("vmstat")
        for line in text.lines {
            let fields = line.fields
            guard let head = fields.first else { continue }
            let field = String(decoding: head, as: UTF8.self)
            let wanted =
                field.hasPrefix("oom_kill") || field.hasPrefix("pgpg") || field.hasPrefix("pswp")
                || (field.hasPrefix("pg") && field.contains("fault"))
            guard wanted else { continue }
            metrics.add(
                "node_vmstat_\(field)", .untyped, "/proc/vmstat information field \(field).", try line.count(fields, 1))
        }
    }
}
