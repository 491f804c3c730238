/// `node_arp_entries` by device from `/proc/net/arp`.
package struct ARPCollector: HostCollector {
    package let name = "arp"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("net/arp")
        var entries: [String: Double] = [:]
        for line in text.lines.dropFirst() {
            let fields = line.fields
            if fields.isEmpty { continue }
            guard fields.count >= 6 else { throw line.malformed("\(fields.count) columns, 6 expected") }
            // Flags 0x0 is an entry that was never resolved.
            if fields[2].elementsEqual("0x0".utf8) { continue }
            entries[String(decoding: fields[5], as: UTF8.self), default: 0] += 1
        }
        for (device, count) in entries.sorted(by: { $0.key < $1.key }) {
            metrics.add("node_arp_entries", .gauge, "ARP entries by device.", count, ["device": device])
        }
    }
}
