/// `node_disk_*` from `/proc/diskstats`.
package struct DiskstatsCollector: HostCollector {
    package let name = "diskstats"
    private let filter: DeviceFilter
    private static let sectorBytes = 512.0

    /// Partitions, RAM disks and loop devices are left out by default, as node_exporter does.
    package init(filter: DeviceFilter = .diskDefault) {
        self.filter = filter
    }

    /// Column of /proc/diskstats, metric, factor; the kernel's Documentation/admin-guide/iostats.rst names the columns.
    private static let columns: [(column: Int, metric: String, kind: HostMetricKind, factor: Double, help: String)] = [
        (3, "reads_completed_total", .counter, 1, "The total number of reads completed successfully."),
        (4, "reads_merged_total", .counter, 1, "The total number of reads merged."),
        (5, "read_bytes_total", .counter, sectorBytes, "The total number of bytes read successfully."),
        (6, "read_time_seconds_total", .counter, 0.001, "The total number of seconds spent by all reads."),
        (7, "writes_completed_total", .counter, 1, "The total number of writes completed successfully."),
        (8, "writes_merged_total", .counter, 1, "The number of writes merged."),
        (9, "written_bytes_total", .counter, sectorBytes, "The total number of bytes written successfully."),
        (10, "write_time_seconds_total", .counter, 0.001, "This is the total number of seconds spent by all writes."),
        (11, "io_now", .gauge, 1, "The number of I/Os currently in progress."),
        (12, "io_time_seconds_total", .counter, 0.001, "Total seconds spent doing I/Os."),
        (13, "io_time_weighted_seconds_total", .counter, 0.001, "The weighted number of seconds spent doing I/Os."),
        (14, "discards_completed_total", .counter, 1, "The total number of discards completed successfully."),
        (15, "discards_merged_total", .counter, 1, "The total number of discards merged."),
        (16, "discarded_sectors_total", .counter, 1, "The total number of sectors discarded successfully."),
        (17, "discard_time_seconds_total", .counter, 0.001, "The total number of seconds spent by all discards."),
        (18, "flush_requests_total", .counter, 1, "The total number of flush requests completed successfully."),
        (
            19, "flush_requests_time_seconds_total", .counter, 0.001,
            "The total number of seconds spent by all flush requests."
        ),
    ]

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("diskstats")
        for line in text.lines {
            let fields = line.fields
            guard fields.count >= 14 else { throw line.malformed("\(fields.count) fields, at least 14 expected") }
            let device = String(decoding: fields[2], as: UTF8.self)
            guard filter.accepts(device) else { continue }
            let major = String(decoding: fields[0], as: UTF8.self)
            let minor = String(decoding: fields[1], as: UTF8.self)
            let udev = udevProperties(host, major: major, minor: minor)
            metrics.add(
                "node_disk_info", .gauge, "Info of /sys/block/<block_device>.", 1,
                [
                    "device": device, "major": major, "minor": minor, "model": udev["ID_MODEL"] ?? "",
                    "path": udev["ID_PATH"] ?? "", "revision": udev["ID_REVISION"] ?? "",
                    "serial": udev["SCSI_IDENT_SERIAL"] ?? udev["ID_SERIAL_SHORT"] ?? "", "wwn": udev["ID_WWN"] ?? "",
                ])
            for column in DiskstatsCollector.columns where column.column < fields.count {
                // The kernel counts time in milliseconds; dividing keeps 23.216 exact where multiplying would not.
                let raw = try line.count(fields, column.column)
                let value = column.factor == 0.001 ? raw / 1000 : raw * column.factor
                metrics.add("node_disk_\(column.metric)", column.kind, column.help, value, ["device": device])
            }
        }
    }

    /// udev's database: lines `E:KEY=value`. Missing in containers.
    private func udevProperties(_ host: HostFiles, major: String, minor: String) -> [String: String] {
        guard let text = try? host.read(host.paths.root("/run/udev/data/b\(major):\(minor)")) else { return [:] }
        var values: [String: String] = [:]
        for line in text.lines where line.text.starts(with: Array("E:".utf8)) {
            let pair = line.text.dropFirst(2)
            guard let equals = pair.firstIndex(of: 0x3D) else { continue }
            values[String(decoding: pair[..<equals], as: UTF8.self)] =
                String(decoding: pair[(equals + 1)...], as: UTF8.self)
        }
        return values
    }
}
