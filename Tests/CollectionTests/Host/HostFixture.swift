import Collection
import Durable

/// A small host under a directory of its own, as the collectors read it.
struct HostFixture {
    let directory: TemporaryDirectory
    let files: HostFiles

    static let texts: [String: String] = [
        "proc/stat": """
        cpu  58613 0 15748 101026 2304 0 177 148 0 0
        cpu0 28844 1 4704 54645 681 2 54 72 3 4
        cpu1 29768 0 11043 46380 1622 0 123 76 0 0
        intr 455404 0 0 1
        ctxt 701708
        btime 1795231614
        processes 18046
        procs_running 4
        procs_blocked 1
        softirq 335569 0 43848

        """,
        "proc/meminfo": """
        MemTotal:       24684092 kB
        MemFree:         1000000 kB
        Active(anon):       1552 kB
        HugePages_Total:       3
        Hugepagesize:       2048 kB

        """,
        "proc/loadavg": "1.01 1.28 0.78 2/300 4711\n",
        "proc/vmstat": "nr_free_pages 669778\npgpgin 12\npgfault 34\npgmajfault 5\noom_kill 1\npswpin 2\n",
        "proc/sys/fs/file-nr": "628\t0\t2466177\n",
        "proc/net/sockstat": "sockets: used 17\nTCP: inuse 1 orphan 0 tw 1 alloc 1 mem 2\nUDP: inuse 0 mem 0\n",
        "proc/net/sockstat6": "TCP6: inuse 4\n",
        "proc/net/dev": """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:   62974      62    0    0    0     0          0         0    62974      62    0    0    0     0       0          0
          eth0: 295237295    5683    1    2    3     4          5         6   245331    3123    0    0    0     0       7          8

        """,
        "proc/net/netstat":
            "TcpExt: SyncookiesSent ListenDrops TCPTimeouts Other\nTcpExt: 1 2 3 4\nIpExt: InOctets OutOctets\nIpExt: 295220551 263755\n",
        "proc/net/snmp": "Ip: Forwarding DefaultTTL\nIp: 2 64\nTcp: MaxConn CurrEstab InErrs\nTcp: -1 5 6\n",
        "proc/net/snmp6":
            "Ip6InOctets                     \t128\nIcmp6InErrors                   \t1\nIp6InReceives                   \t9\n",
        "proc/diskstats": """
           7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
         254       0 vda 89794 13130 7140578 71380 47231 330088 38884712 204450 3 30300 278517 8738 0 837224 2429 5445 256
         254       1 vda1 1 2 3 4 5 6 7 8 9 10 11

        """,
        "proc/pressure/cpu":
            "some avg10=0.69 avg60=3.08 avg300=12.58 total=116534759\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
        "proc/pressure/io":
            "some avg10=2.91 avg60=4.46 avg300=2.06 total=16991306\nfull avg10=2.21 avg60=3.67 avg300=1.76 total=15376611\n",
        "proc/pressure/memory":
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
        "proc/net/softnet_stat": """
        00000029 00000001 00000002 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00001648 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001 00000000 00000000

        """,
        "proc/schedstat": "version 15\ncpu0 0 0 0 0 0 0 2000000000 500000000 42\n",
        "proc/net/arp":
            "IP address       HW type     Flags       HW address            Mask     Device\n10.0.0.1         0x1         0x2         aa:bb:cc:dd:ee:ff     *        eth0\n10.0.0.2         0x1         0x0         00:00:00:00:00:00     *        eth0\n",
        "proc/net/udp":
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  1: 00000000:0035 00000000:0000 07 00000010:000000FF 00:00000000 00000000     0        0 1 2 0 0\n",
        "proc/sys/kernel/random/entropy_avail": "256\n",
        "proc/sys/kernel/random/poolsize": "256\n",
        "proc/sys/net/netfilter/nf_conntrack_count": "12\n",
        "proc/sys/net/netfilter/nf_conntrack_max": "262144\n",
        "proc/net/stat/nf_conntrack":
            "entries  clashres found new invalid insert drop\n0000000c  00000000 0000000a 00000000 00000001 00000000 00000000\n0000000c  00000000 00000005 00000000 00000001 00000000 00000000\n",
        "proc/1/mounts":
            "proc /proc proc rw 0 0\n/dev/vda / ext4 rw,discard 0 0\n/dev/vdb /data\\040disk ext4 ro 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n",
        "sys/class/net/eth0/operstate": "up\n",
        "sys/class/net/eth0/address": "02:fc:00:00:00:01\n",
        "sys/class/net/eth0/flags": "0x1003\n",
        "sys/class/net/eth0/mtu": "1500\n",
        "sys/class/net/eth0/speed": "1000\n",
        "sys/class/net/eth0/carrier_changes": "2\n",
        "sys/class/net/wlan0/operstate": "down\n",
        "sys/class/net/wlan0/speed": "-1\n",
        "root/etc/os-release":
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME='Debian GNU/Linux'\n# a comment\nVERSION_ID=\"12\"\nID=debian\n",
    ]

    /// All files, some replaced; or one of them alone.
    init(_ overrides: [String: String] = [:], only: String? = nil) throws {
        directory = try TemporaryDirectory()
        for (path, text) in HostFixture.texts.merging(overrides, uniquingKeysWith: { $1 }) {
            if let only, path != only { continue }
            try directory.write(path, text)
        }
        files = HostFiles(
            paths: HostPaths(
                procfs: directory.path + "/proc", sysfs: directory.path + "/sys", rootfs: directory.path + "/root"))
    }

    /// Everything one collector gives.
    func collect(_ collector: some HostCollector) throws -> HostMetrics {
        var collector = collector
        var metrics = HostMetrics()
        try collector.collect(from: files, into: &metrics)
        // The directory lives as long as this fixture, whose last use may be this very call.
        return withExtendedLifetime(directory) { metrics }
    }
}
