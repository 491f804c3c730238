import SampleMath

/// Counts of lines and bytes in the windows (t - range, t] of all steps, by series.
struct StepCounts {
    /// The steps whose windows hold a time, and the latest time for which they are the same.
    struct Steps {
        var first: Int
        var end: Int
        var until: Int64
    }

    private let grid: StepGrid
    private let range: Int64
    /// By series, the difference from step to step; one more than there are steps.
    private var lines: [[Int64]] = []
    private var bytes: [[Int64]] = []

    init(grid: StepGrid, range: Int64) {
        self.grid = grid
        self.range = range
    }

    var bytesPerSeries: Int { (grid.count + 1) * 16 }

    mutating func addSeries() {
        lines.append([Int64](repeating: 0, count: grid.count + 1))
        bytes.append([Int64](repeating: 0, count: grid.count + 1))
    }

    /// The steps t with time <= t < time + range.
    func steps(of time: Int64) -> Steps {
        let first = stepAtOrAfter(time)
        let end = stepAtOrAfter(time + range)
        var until = Int64.max
        if first < grid.count { until = grid.time(first) }
        if end < grid.count { until = min(until, grid.time(end) - range) }
        return Steps(first: first, end: end, until: until)
    }

    private func stepAtOrAfter(_ time: Int64) -> Int {
        guard time > grid.start else { return 0 }
        // Rounded up without adding a step, which may be too long to add.
        let step = (time - grid.start - 1) / grid.step + 1
        return step >= Int64(grid.count) ? grid.count : Int(step)
    }

    mutating func add(lines count: Int, bytes size: Int, to series: Int, _ steps: Steps) {
        guard steps.first < steps.end else { return }
        lines[series][steps.first] += Int64(count)
        lines[series][steps.end] -= Int64(count)
        guard size != 0 else { return }
        bytes[series][steps.first] += Int64(size)
        bytes[series][steps.end] -= Int64(size)
    }

    /// A series' values: lines or bytes divided by `divisor`, `Missing` where a window holds no line.
    func column(_ series: Int, bytes wantsBytes: Bool, divisor: Double) -> [Double] {
        var column = [Double](repeating: Missing.value, count: grid.count)
        var count: Int64 = 0
        var size: Int64 = 0
        for step in 0..<grid.count {
            count += lines[series][step]
            size += bytes[series][step]
            if count > 0 { column[step] = Double(wantsBytes ? size : count) / divisor }
        }
        return column
    }
}
