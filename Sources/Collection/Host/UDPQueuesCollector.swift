/// `node_udp_queues`: bytes waiting in the queues of all UDP sockets from `/proc/net/udp` and `udp6`.
package struct UDPQueuesCollector: HostCollector {
    package let name = "udp_queues"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        try add(try host.proc("net/udp"), "v4", into: &metrics)
        do {
            try add(try host.proc("net/udp6"), "v6", into: &metrics)
        } catch .absent {
            return  // IPv6 is off in this kernel.
        }
    }

    private func add(_ text: HostText, _ version: String, into metrics: inout HostMetrics) throws(HostError) {
        var sent: UInt64 = 0
        var received: UInt64 = 0
        for line in text.lines.dropFirst() {
            let fields = line.fields
            if fields.isEmpty { continue }
            let queues = fields.count > 4 ? fields[4].split(separator: 0x3A) : []
            guard queues.count == 2, let tx = HostLine.hexadecimal(queues[0]), let rx = HostLine.hexadecimal(queues[1])
            else { throw line.malformed("column tx_queue:rx_queue is missing") }
            sent &+= tx
            received &+= rx
        }
        for (queue, value) in [("tx", sent), ("rx", received)] {
            metrics.add(
                "node_udp_queues", .gauge, "Number of allocated memory in the kernel for UDP datagrams in bytes.",
                Double(value), ["ip": version, "queue": queue])
        }
    }
}
