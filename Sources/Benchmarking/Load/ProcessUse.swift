import Service

#if canImport(Glibc)
import Glibc
#endif

/// What processes of this machine have used, from /proc (proc(5)).
package struct ProcessUse: Sendable, Hashable {
    /// User and system time, seconds.
    package var cpuSeconds: Double
    /// The most memory that they had resident, bytes.
    package var peakBytes: Int64

    /// A use.
    package init(cpuSeconds: Double, peakBytes: Int64) {
        self.cpuSeconds = cpuSeconds
        self.peakBytes = peakBytes
    }

    /// What a process has used so far, and its memory: at the moment, and the most it ever had. Nil when there is no such process.
    package struct Reading: Sendable, Hashable {
        /// User and system time, seconds.
        package var cpuSeconds: Double
        /// Resident now, bytes.
        package var residentBytes: Int64
        /// The most that was ever resident, bytes.
        package var highWaterBytes: Int64

        /// From /proc; nil when there is no such process.
        package init?(pid: Int32) {
            guard let stat = SmallFile.read("/proc/\(pid)/stat"), let status = SmallFile.read("/proc/\(pid)/status")
            else { return nil }
            self.init(stat: stat, status: status, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))))
        }

        /// From the texts of its files `stat` and `status`; nil for what is not theirs.
        package init?(stat: String, status: String, ticksPerSecond: Double) {
            // Behind the command's name, which may hold blanks and parentheses, the first field is number 3.
            guard let end = stat.lastIndex(of: ")") else { return nil }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
            cpuSeconds = (user + system) / ticksPerSecond
            residentBytes = 0
            highWaterBytes = 0
            for line in status.split(separator: "\n") {
                let words = line.split(whereSeparator: \.isWhitespace)
                guard words.count > 1, let kilobytes = Int64(words[1]) else { continue }
                if words[0] == "VmRSS:" { residentBytes = kilobytes << 10 }
                if words[0] == "VmHWM:" { highWaterBytes = kilobytes << 10 }
            }
        }
    }
}
