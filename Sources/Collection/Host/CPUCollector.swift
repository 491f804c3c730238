import Glibc

/// `node_cpu_seconds_total` and `node_cpu_guest_seconds_total` from `/proc/stat`.
///
/// iowait and, after a CPU went off line, other fields can run backwards in the kernel; a counter must not, so the highest value seen stays.
package struct CPUCollector: HostCollector {
    package let name = "cpu"
    private let ticksPerSecond: Double
    private var highest: [String: [Double]] = [:]
    private static let modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]

    /// `ticksPerSecond` is the unit of the kernel's counters (USER_HZ).
    package init(ticksPerSecond: Int = sysconf(Int32(_SC_CLK_TCK))) {
        self.ticksPerSecond = Double(max(1, ticksPerSecond))
    }

    package mutating func collect(from host: HostFiles, into metrics: inout HostMetrics) throws(HostError) {
        let text = try host.proc("stat")
        for line in text.lines {
            let fields = line.fields
            guard let head = fields.first, head.starts(with: Array("cpu".utf8)), head.count > 3 else { continue }
            let cpu = String(decoding: head.dropFirst(3), as: UTF8.self)
            var seconds: [Double] = []
            for index in 1..<11 {
                // Kernels before 2.6.33 have fewer columns; the four of 2.4 are always there.
                if index > 4 && index >= fields.count {
                    seconds.append(0)
                } else {
                    seconds.append(try line.count(fields, index) / ticksPerSecond)
                }
            }
            if let before = highest[cpu] {
                // Idle running back by more than 3 s means that the CPU was off line and counts anew.
                if before[3] - seconds[3] < 3 {
                    for index in seconds.indices { seconds[index] = max(seconds[index], before[index]) }
                }
            }
            highest[cpu] = seconds
            for (index, mode) in CPUCollector.modes.enumerated() {
                metrics.add(
                    "node_cpu_seconds_total", .counter, "Seconds the CPUs spent in each mode.", seconds[index],
                    ["cpu": cpu, "mode": mode])
            }
            for (index, mode) in [(8, "user"), (9, "nice")] {
                metrics.add(
                    "node_cpu_guest_seconds_total", .counter,
                    "Seconds the CPUs spent in guests (VMs) for each mode.", seconds[index], ["cpu": cpu, "mode": mode])
            }
        }
    }
}
