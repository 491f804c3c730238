/// `node_network_{receive,transmit}_*_total` from `/proc/net/dev`.
package struct NetdevCollector: HostCollector {
    package let name = "netdev"
    private let filter: DeviceFilter

    /// Devices that `filter` refuses are left out.
    package init(filter: DeviceFilter = .all) {
        self.filter = filter
    }

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("net/dev")
        let lines = text.lines
        guard lines.count >= 2 else {
            throw .malformed(path: text.path, line: 1, what: "the two header lines are missing")
        }
        // Inter-| Receive | Transmit, then the columns of each half by name.
        let halves = lines[1].text.split(separator: 0x7C, omittingEmptySubsequences: false)
        guard halves.count == 3 else { throw lines[1].malformed("the header does not have three parts") }
        let receive = NetdevCollector.columns(halves[1])
        let transmit = NetdevCollector.columns(halves[2])
        for line in lines.dropFirst(2) {
            // A device may have colons in its name (eth0:1); the last colon ends it.
            guard let colon = line.text.lastIndex(of: 0x3A) else { throw line.malformed("no colon after the device") }
            let device = String(decoding: line.text[..<colon].drop { $0 == 0x20 }, as: UTF8.self)
            guard filter.accepts(device) else { continue }
            let fields = line.text[(colon + 1)...].split { $0 == 0x20 || $0 == 0x09 }
            guard fields.count == receive.count + transmit.count else {
                throw line.malformed("\(fields.count) values for \(receive.count + transmit.count) columns")
            }
            for (index, column) in (receive + transmit).enumerated() {
                let direction = index < receive.count ? "receive" : "transmit"
                metrics.add(
                    "node_network_\(direction)_\(column)_total", .counter,
                    "Network device statistic \(direction)_\(column).", try line.count(fields, index),
                    ["device": device])
            }
            // Not in /proc: packets for which no protocol handler was there.
            if let lost = host.sysNumber("class/net/\(device)/statistics/rx_nohandler") {
                metrics.add(
                    "node_network_receive_nohandler_total", .counter,
                    "Network device statistic receive_nohandler.", lost, ["device": device])
            }
        }
    }

    private static func columns(_ half: ArraySlice<UInt8>) -> [String] {
        half.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
    }
}
