/// `node_netstat_*` from `/proc/net/netstat`, `snmp` and `snmp6`: the fields node_exporter exposes by default.
package struct NetstatCollector: HostCollector {
    package let name = "netstat"

    /// Without state.
    package init() {}

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        try addPairs(try host.proc("net/netstat"), into: &metrics)
        try addPairs(try host.proc("net/snmp"), into: &metrics)
        let six: HostText
        do {
            six = try host.proc("net/snmp6")
        } catch .absent {
            return  // IPv6 is off in this kernel.
        }
        for line in six.lines {
            let fields = line.fields
            guard let head = fields.first else { continue }
            // Ip6InOctets is protocol Ip6, field InOctets.
            guard let digit = head.firstIndex(of: 0x36) else { continue }
            let proto = String(decoding: head[...digit], as: UTF8.self)
            let field = String(decoding: head[(digit + 1)...], as: UTF8.self)
            add(proto, field, try line.count(fields, 1), into: &metrics)
        }
    }

    /// Pairs of lines: names after `Proto:`, then values after the same word.
    private func addPairs(_ text: HostText, into metrics: inout HostMetrics) throws(HostError) {
        let lines = text.lines
        var index = 0
        while index < lines.count {
            let names = lines[index].fields
            guard index + 1 < lines.count else { throw lines[index].malformed("the line of values is missing") }
            let line = lines[index + 1]
            let values = line.fields
            guard let head = names.first, head.last == 0x3A, head.count > 1, values.first == head,
                names.count == values.count
            else { throw line.malformed("names and values do not fit together") }
            let proto = String(decoding: head.dropLast(), as: UTF8.self)
            for column in 1..<max(1, names.count) {
                guard let value = HostLine.signed(values[column]) else {
                    throw line.malformed("field \(column + 1) is not a number")
                }
                add(proto, String(decoding: names[column], as: UTF8.self), value, into: &metrics)
            }
            index += 2
        }
    }

    private func add(_ proto: String, _ field: String, _ value: Double, into metrics: inout HostMetrics) {
        guard NetstatCollector.exposes(proto, field) else { return }
        let key = "\(proto)_\(field)"
        metrics.add("node_netstat_\(key)", .untyped, "Statistic \(proto)\(field).", value)
    }

    private static func exposes(_ proto: String, _ field: String) -> Bool {
        if field == "InErrors" || field == "InErrs" { return true }
        switch proto {
        case "Ip": return field == "Forwarding"
        case "Ip6", "IpExt": return field == "InOctets" || field == "OutOctets"
        case "Icmp", "Icmp6": return field == "InMsgs" || field == "OutMsgs"
        case "TcpExt":
            return field.hasPrefix("Listen") || field.hasPrefix("Syncookies") || field == "TCPSynRetrans"
                || field == "TCPTimeouts" || field == "TCPOFOQueue" || field == "TCPRcvQDrop"
        case "Tcp":
            return ["ActiveOpens", "InSegs", "OutSegs", "OutRsts", "PassiveOpens", "RetransSegs", "CurrEstab"]
                .contains(field)
        case "Udp", "Udp6":
            return ["InDatagrams", "OutDatagrams", "NoPorts", "RcvbufErrors", "SndbufErrors"].contains(field)
        default: return false
        }
    }
}
