#if canImport(Glibc)
import Glibc
#endif

/// `process_*`, as every Prometheus client library shows them, from /proc/self.
enum ProcessMetrics {
    static func collect(_ collection: inout MetricCollection) {
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // Fields after the command's name, which may hold spaces and parentheses itself; the first is number 3 of proc(5).
        if let stat = SmallFile.read("/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            func field(_ number: Int) -> Double? { number - 3 < fields.count ? Double(fields[number - 3]) : nil }
            if let user = field(14), let system = field(15) {
                collection.counter(
                    "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                    (user + system) / ticks)
            }
            if let threads = field(20) {
                collection.gauge("process_threads", "Number of threads of this process.", threads)
            }
            if let size = field(23) {
                collection.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", size)
            }
            if let resident = field(24) {
                collection.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", resident * page)
            }
            if let start = field(22), let boot = bootTime() {
                collection.gauge(
                    "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
                    boot + start / ticks)
            }
        }
        if let open = openFiles() {
            collection.gauge("process_open_fds", "Number of open file descriptors.", open)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            collection.gauge("process_max_fds", "Maximum number of open file descriptors.", Double(limit.rlim_cur))
        }
        if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 {
            collection.gauge(
                "process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.",
                Double(limit.rlim_cur))
        }
    }

    private static func bootTime() -> Double? {
        guard let stat = SmallFile.read("/proc/stat", limit: 4 << 20) else { return nil }
        for line in stat.split(separator: "\n") where line.hasPrefix("btime ") { return Double(line.dropFirst(6)) }
        return nil
    }

    private static func openFiles() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Not counted: the two dots and the directory that is being read.
        return Double(max(0, count - 3))
    }
}
