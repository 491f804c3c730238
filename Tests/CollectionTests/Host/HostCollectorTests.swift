import Collection
import Testing

@Suite("Collectors give node_exporter's metrics")
struct HostCollectorTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        let collector: any HostCollector
        let name: String
        var labels: [String: String] = [:]
        let value: Double?
        var testDescription: String { "\(name)\(labels)" }
    }

    static let expectations: [Expected] = [
        Expected(
            collector: CPUCollector(ticksPerSecond: 100), name: "node_cpu_seconds_total",
            labels: ["cpu": "0", "mode": "user"], value: 288.44),
        Expected(
            collector: CPUCollector(ticksPerSecond: 100), name: "node_cpu_seconds_total",
            labels: ["cpu": "1", "mode": "steal"], value: 0.76),
        Expected(
            collector: CPUCollector(ticksPerSecond: 100), name: "node_cpu_seconds_total",
            labels: ["cpu": "", "mode": "user"], value: nil),
        Expected(
            collector: CPUCollector(ticksPerSecond: 100), name: "node_cpu_guest_seconds_total",
            labels: ["cpu": "0", "mode": "nice"], value: 0.04),
        Expected(collector: StatCollector(), name: "node_boot_time_seconds", value: 1_795_231_614),
        Expected(collector: StatCollector(), name: "node_context_switches_total", value: 701_708),
        Expected(collector: StatCollector(), name: "node_intr_total", value: 455_404),
        Expected(collector: StatCollector(), name: "node_forks_total", value: 18046),
        Expected(collector: StatCollector(), name: "node_procs_blocked", value: 1),
        Expected(collector: MeminfoCollector(), name: "node_memory_MemTotal_bytes", value: 24_684_092 * 1024),
        Expected(collector: MeminfoCollector(), name: "node_memory_Active_anon_bytes", value: 1552 * 1024),
        Expected(collector: MeminfoCollector(), name: "node_memory_HugePages_Total", value: 3),
        Expected(collector: LoadavgCollector(), name: "node_load1", value: 1.01),
        Expected(collector: LoadavgCollector(), name: "node_load15", value: 0.78),
        Expected(collector: VmstatCollector(), name: "node_vmstat_pgmajfault", value: 5),
        Expected(collector: VmstatCollector(), name: "node_vmstat_nr_free_pages", value: nil),
        Expected(collector: FilefdCollector(), name: "node_filefd_allocated", value: 628),
        Expected(collector: FilefdCollector(), name: "node_filefd_maximum", value: 2_466_177),
        Expected(collector: SockstatCollector(pageSize: 4096), name: "node_sockstat_TCP_mem_bytes", value: 8192),
        Expected(collector: SockstatCollector(), name: "node_sockstat_sockets_used", value: 17),
        Expected(collector: SockstatCollector(), name: "node_sockstat_TCP6_inuse", value: 4),
        Expected(
            collector: NetdevCollector(), name: "node_network_receive_bytes_total", labels: ["device": "eth0"],
            value: 295_237_295),
        Expected(
            collector: NetdevCollector(), name: "node_network_receive_multicast_total", labels: ["device": "eth0"],
            value: 6),
        Expected(
            collector: NetdevCollector(), name: "node_network_transmit_compressed_total", labels: ["device": "eth0"],
            value: 8),
        Expected(collector: NetstatCollector(), name: "node_netstat_TcpExt_ListenDrops", value: 2),
        Expected(collector: NetstatCollector(), name: "node_netstat_TcpExt_Other", value: nil),
        Expected(collector: NetstatCollector(), name: "node_netstat_Ip6_InOctets", value: 128),
        Expected(collector: NetstatCollector(), name: "node_netstat_Tcp_InErrs", value: 6),
        Expected(
            collector: DiskstatsCollector(), name: "node_disk_io_time_seconds_total", labels: ["device": "vda"],
            value: 30.3),
        Expected(
            collector: DiskstatsCollector(), name: "node_disk_written_bytes_total", labels: ["device": "vda"],
            value: 38_884_712 * 512),
        Expected(collector: DiskstatsCollector(), name: "node_disk_io_now", labels: ["device": "vda1"], value: nil),
        Expected(collector: DiskstatsCollector(), name: "node_disk_io_now", labels: ["device": "loop0"], value: nil),
        Expected(collector: PressureCollector(), name: "node_pressure_cpu_waiting_seconds_total", value: 116.534759),
        Expected(collector: PressureCollector(), name: "node_pressure_cpu_stalled_seconds_total", value: nil),
        Expected(collector: PressureCollector(), name: "node_pressure_io_stalled_seconds_total", value: 15.376611),
        Expected(
            collector: SoftnetCollector(), name: "node_softnet_processed_total", labels: ["cpu": "1"], value: 0x1648),
        Expected(
            collector: SchedstatCollector(), name: "node_schedstat_running_seconds_total", labels: ["cpu": "0"],
            value: 2),
        Expected(collector: ARPCollector(), name: "node_arp_entries", labels: ["device": "eth0"], value: 1),
        Expected(
            collector: UDPQueuesCollector(), name: "node_udp_queues", labels: ["ip": "v4", "queue": "rx"], value: 255),
        Expected(collector: EntropyCollector(), name: "node_entropy_available_bits", value: 256),
        Expected(collector: ConntrackCollector(), name: "node_nf_conntrack_stat_found", value: 15),
        Expected(collector: ConntrackCollector(), name: "node_nf_conntrack_entries_limit", value: 262_144),
        Expected(collector: NetclassCollector(), name: "node_network_up", labels: ["device": "eth0"], value: 1),
        Expected(collector: NetclassCollector(), name: "node_network_flags", labels: ["device": "eth0"], value: 4099),
        Expected(
            collector: NetclassCollector(), name: "node_network_speed_bytes", labels: ["device": "eth0"],
            value: 125_000_000),
        Expected(
            collector: NetclassCollector(), name: "node_network_speed_bytes", labels: ["device": "wlan0"],
            value: -125_000),
        Expected(
            collector: OSReleaseCollector(), name: "node_os_version",
            labels: ["id": "debian", "id_like": "", "name": "Debian GNU/Linux"], value: 12),
    ]

    @Test("from the kernel's files", arguments: expectations)
    func value(_ expected: Expected) throws {
        let metrics = try HostFixture().collect(expected.collector)
        let value = metrics.value(expected.name, expected.labels)
        if let wanted = expected.value {
            let found = try #require(value)
            #expect(abs(found - wanted) <= abs(wanted) * 1e-12)
        } else {
            #expect(value == nil)
        }
    }

    @Test("of the running kernel without a failure but for what it does not have")
    func thisMachine() {
        let registry = HostRegistry(paths: HostPaths(), version: "0")
        let (families, failures) = registry.scrape()
        for (collector, error) in failures {
            guard case .absent = error else {
                Issue.record("\(collector): \(error)")
                continue
            }
        }
        let names = Set(families.map(\.name))
        for name in [
            "node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "node_uname_info", "node_time_seconds",
        ] {
            #expect(names.contains(name))
        }
        #expect(families.map(\.name) == families.map(\.name).sorted())
    }

    @Test("A CPU counter that the kernel turns back stays where it was")
    func monotonicCPU() throws {
        var collector = CPUCollector(ticksPerSecond: 100)
        var metrics = HostMetrics()
        let fixture = try HostFixture(["proc/stat": "cpu0 10 0 10 500 90 0 0 0 0 0\n"])
        try collector.collect(from: fixture.files, into: &metrics)
        try fixture.directory.write("proc/stat", "cpu0 11 0 10 510 80 0 0 0 0 0\n")
        var later = HostMetrics()
        try collector.collect(from: fixture.files, into: &later)
        #expect(later.value("node_cpu_seconds_total", ["cpu": "0", "mode": "iowait"]) == 0.9)
        #expect(later.value("node_cpu_seconds_total", ["cpu": "0", "mode": "user"]) == 0.11)
    }

    @Test("File systems are reported by device, type and mount point, without those that hold no data")
    func filesystems() throws {
        let fixture = try HostFixture()
        let metrics = try fixture.collect(FilesystemCollector())
        let device = ["device": "/dev/vda", "fstype": "ext4", "mountpoint": "/"]
        #expect(metrics.value("node_filesystem_device_error", device) == 0)
        #expect((metrics.value("node_filesystem_size_bytes", device) ?? 0) > 0)
        let missing = ["device": "/dev/vdb", "fstype": "ext4", "mountpoint": "/data disk"]
        #expect(metrics.value("node_filesystem_device_error", missing) == 1)
        #expect(metrics.value("node_filesystem_size_bytes", missing) == nil)
        #expect(metrics.families.first { $0.name == "node_filesystem_device_error" }?.samples.count == 2)
    }
}

@Suite("Collectors survive whatever the files hold")
struct HostBadInputTests {
    static let victims: [String] = HostFixture.texts.keys.filter { $0.hasPrefix("proc/") }.sorted()

    private static func collectors() -> [any HostCollector] {
        HostRegistry.standard().filter { !["filesystem", "time", "timex", "uname"].contains($0.name) }
    }

    @Test("cut at every byte", arguments: victims)
    func truncated(_ path: String) throws {
        let text = Array((HostFixture.texts[path] ?? "").utf8)
        let fixture = try HostFixture(only: path)
        for length in 0..<text.count {
            try fixture.directory.write(path, Array(text[..<length]))
            var metrics = HostMetrics()
            for var collector in HostBadInputTests.collectors() {
                // An error is fine, and so is part of the values.
                try? collector.collect(from: fixture.files, into: &metrics)
            }
            for family in metrics.families {
                let series = family.samples.map { sample in sample.labels.map { "\($0.name)=\($0.value)" } }
                #expect(Set(series).count == series.count, "\(family.name) has a series twice after \(length) bytes")
                #expect(family.samples.allSatisfy { $0.value.isFinite }, "\(family.name) after \(length) bytes")
            }
        }
    }

    @Test(
        "with lines that are not the kernel's, naming the line",
        arguments: [
            ("proc/stat", "ctxt many\n", "field 2 is not a number"), ("proc/meminfo", "MemTotal 5 kB\n", "colon"),
            ("proc/meminfo", "MemTotal: 5 MB\n", "unit"), ("proc/loadavg", "a b c\n", "load average"),
            ("proc/loadavg", "", "empty"), ("proc/net/dev", "x\n", "header"),
            ("proc/net/dev", "a|b|c\n |bytes|bytes\nlo: 1\n", "1 values for 2 columns"),
            ("proc/diskstats", "7 0 vda 1\n", "at least 14"), ("proc/net/netstat", "A: b\nB: 1\n", "do not fit"),
            ("proc/net/netstat", "A: b\n", "values is missing"), ("proc/pressure/cpu", "some avg10=1\n", "total="),
            ("proc/sys/fs/file-nr", "1 2\n", "field 3 is missing"),
            ("proc/stat", "ctxt 99999999999999999999999\n", "not a number"),
        ])
    func malformed(_ path: String, _ text: String, _ reason: String) throws {
        let fixture = try HostFixture([path: text])
        var reasons: [String] = []
        for var collector in HostBadInputTests.collectors() {
            var metrics = HostMetrics()
            do throws(HostError) {
                try collector.collect(from: fixture.files, into: &metrics)
            } catch {
                reasons.append("\(error)")
            }
        }
        #expect(reasons.contains { $0.contains(reason) && $0.contains(path) }, "\(reasons)")
    }
}
