import Service

/// Looks at processes while a load runs.
struct ProcessWatch: Sendable {
    private static let interval = Duration.milliseconds(100)

    private let pids: [Int32]
    private let before: [ProcessUse.Reading]

    /// Throws when a process does not exist.
    init(_ pids: [Int32]) throws {
        self.pids = pids
        before = try pids.map { pid in
            guard let reading = ProcessUse.Reading(pid: pid) else {
                throw ToolError("there is no process \(pid) on this machine: --pid is for servers that run here")
            }
            return reading
        }
    }

    /// Looks at memory until it is cancelled. The most it has seen, bytes.
    func peak() async -> Int64 {
        var peak: Int64 = 0
        repeat {
            let sum = pids.reduce(0) { $0 + (ProcessUse.Reading(pid: $1)?.residentBytes ?? 0) }
            peak = max(peak, sum)
        } while (try? await Task.sleep(for: Self.interval)) != nil
        return peak
    }

    /// What was used since the beginning. A peak between two looks is known of a process that never had as much before.
    func use(peak: Int64) -> ProcessUse {
        let after = zip(pids, before).map { pid, before in ProcessUse.Reading(pid: pid) ?? before }
        let cpu = zip(before, after).reduce(0) { $0 + $1.1.cpuSeconds - $1.0.cpuSeconds }
        guard pids.count == 1, let high = after.first?.highWaterBytes, let low = before.first?.highWaterBytes,
            high > low
        else { return ProcessUse(cpuSeconds: cpu, peakBytes: peak) }
        return ProcessUse(cpuSeconds: cpu, peakBytes: max(peak, high))
    }
}
