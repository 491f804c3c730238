/// `node_network_*` attributes of each interface from `/sys/class/net`.
package struct NetclassCollector: HostCollector {
    package let name = "netclass"
    private let filter: DeviceFilter

    /// Attribute file, metric, and whether it is a counter; in the order node_exporter has them.
    private static let attributes: [(file: String, metric: String, kind: HostMetricKind)] = [
        ("addr_assign_type", "address_assign_type", .gauge), ("carrier", "carrier", .gauge),
        ("carrier_changes", "carrier_changes_total", .counter),
        ("carrier_up_count", "carrier_up_changes_total", .counter),
        ("carrier_down_count", "carrier_down_changes_total", .counter), ("dev_id", "device_id", .gauge),
        ("dormant", "dormant", .gauge), ("flags", "flags", .gauge), ("ifindex", "iface_id", .gauge),
        ("iflink", "iface_link", .gauge), ("link_mode", "iface_link_mode", .gauge), ("mtu", "mtu_bytes", .gauge),
        ("name_assign_type", "name_assign_type", .gauge), ("netdev_group", "net_dev_group", .gauge),
        ("type", "protocol_type", .gauge), ("tx_queue_len", "transmit_queue_length", .gauge),
    ]

    /// Devices that `filter` refuses are left out.
    package init(filter: DeviceFilter = .all) {
        self.filter = filter
    }

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let root = host.paths.sys("class/net")
        let devices = host.list(root)
        if devices.isEmpty { throw .absent(path: root) }
        for device in devices where filter.accepts(device) {
            let base = "class/net/\(device)"
            // Plain files such as bonding_masters stand beside the devices.
            guard let state = host.sysLine("\(base)/operstate") else { continue }
            metrics.add(
                "node_network_up", .gauge, "Value is 1 if operstate is 'up', 0 otherwise.", state == "up" ? 1 : 0,
                ["device": device])
            metrics.add(
                "node_network_info", .gauge, "Non-numeric data from /sys/class/net/<iface>, value is always 1.", 1,
                [
                    "address": host.sysLine("\(base)/address") ?? "",
                    "broadcast": host.sysLine("\(base)/broadcast") ?? "",
                    "device": device, "duplex": host.sysLine("\(base)/duplex") ?? "",
                    "ifalias": host.sysLine("\(base)/ifalias") ?? "", "operstate": state,
                ])
            for attribute in NetclassCollector.attributes {
                guard let value = host.sysNumber("\(base)/\(attribute.file)") else { continue }
                metrics.add(
                    "node_network_\(attribute.metric)", attribute.kind,
                    "Network device property \(attribute.file).", value, ["device": device])
            }
            // Mbit/s; -1 is a speed that the driver does not know, which node_exporter passes on by default.
            if let speed = host.sysNumber("\(base)/speed") {
                metrics.add(
                    "node_network_speed_bytes", .gauge, "Network device property speed, in bytes per second.",
                    speed * 1_000_000 / 8, ["device": device])
            }
        }
    }
}
