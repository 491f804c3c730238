import Glibc

/// `node_sockstat_*` from `/proc/net/sockstat` and `sockstat6`.
package struct SockstatCollector: HostCollector {
    package let name = "sockstat"
    private let pageSize: Double

    /// TCP and UDP memory is counted in pages of `pageSize` bytes.
    package init(pageSize: Int = sysconf(Int32(_SC_PAGESIZE))) {
        self.pageSize = Double(pageSize)
    }

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        try add(try host.proc("net/sockstat"), into: &metrics)
        do {
            try add(try host.proc("net/sockstat6"), into: &metrics)
        } catch .absent {
            return  // IPv6 is off in this kernel.
        }
    }

    private func add(_ text: HostText, into metrics: inout HostMetrics) throws(HostError) {
        for line in text.lines {
            let fields = line.fields
            guard let head = fields.first else { continue }
            guard head.last == 0x3A, head.count > 1 else {
                throw line.malformed("the protocol is not followed by a colon")
            }
            let proto = String(decoding: head.dropLast(), as: UTF8.self)
            var index = 1
            while index < fields.count {
                let field = String(decoding: fields[index], as: UTF8.self)
                let value = try line.count(fields, index + 1)
                add(proto, field, value, &metrics)
                if field == "mem" { add(proto, "mem_bytes", value * pageSize, &metrics) }
                index += 2
            }
        }
    }

    private func add(_ proto: String, _ field: String, _ value: Double, _ metrics: inout HostMetrics) {
        metrics.add(
            "node_sockstat_\(proto)_\(field)", .gauge, "Number of \(proto) sockets in state \(field).", value)
    }
}
