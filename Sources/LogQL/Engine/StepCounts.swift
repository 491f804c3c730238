import MartletCore
import SampleMath

/// Counts of lines and bytes in the windows (t - range, t] of all steps, by series.
struct StepCounts: Sendable {
    /// The steps whose windows hold a time.
    struct Steps {
        var first: Int
        var end: Int
    }

    private let grid: StepGrid
    private let range: Int64
    /// Differences from step to step, one more than there are steps, series after series.
    private var lines: [Int64] = []
    private var bytes: [Int64] = []

    init(grid: StepGrid, range: Int64) {
        self.grid = grid
        self.range = range
    }

    private var stride: Int { grid.count + 1 }

    var bytesPerSeries: Int { stride * 16 }

    mutating func addSeries() {
        lines.append(contentsOf: repeatElement(0, count: stride))
        bytes.append(contentsOf: repeatElement(0, count: stride))
    }

    /// The steps t with time <= t < time + range.
    func steps(of time: Int64) -> Steps {
        Steps(first: stepAtOrAfter(time), end: stepAtOrAfter(time + range))
    }

    /// The times at which the steps that hold a time change.
    var edges: TimeEdges {
        TimeEdges((0..<grid.count).flatMap { [grid.time($0), grid.time($0) - range] })
    }

    /// For each interval of `edges` the steps whose windows hold its times.
    func steps(of edges: TimeEdges) -> [Steps] {
        edges.times.map { steps(of: $0) } + [Steps(first: grid.count, end: grid.count)]
    }

    private func stepAtOrAfter(_ time: Int64) -> Int {
        guard time > grid.start else { return 0 }
        // Rounded up without adding a step, which may be too long to add.
        let step = (time - grid.start - 1) / grid.step + 1
        return step >= Int64(grid.count) ? grid.count : Int(step)
    }

    mutating func add(lines count: Int, bytes size: Int, to series: Int, _ steps: Steps) {
        guard steps.first < steps.end else { return }
        let start = series * stride
        lines[start + steps.first] += Int64(count)
        lines[start + steps.end] -= Int64(count)
        guard size != 0 else { return }
        bytes[start + steps.first] += Int64(size)
        bytes[start + steps.end] -= Int64(size)
    }

    /// Adds what another count over the same steps has of its series `other`.
    mutating func add(_ counts: StepCounts, series other: Int, to series: Int) {
        let from = other * stride
        let start = series * stride
        for step in 0..<stride {
            lines[start + step] += counts.lines[from + step]
            bytes[start + step] += counts.bytes[from + step]
        }
    }

    /// A series' values: lines or bytes divided by `divisor`, `Missing` where a window holds no line.
    func column(_ series: Int, bytes wantsBytes: Bool, divisor: Double) -> [Double] {
        var column = [Double](repeating: Missing.value, count: grid.count)
        var count: Int64 = 0
        var size: Int64 = 0
        let start = series * stride
        for step in 0..<grid.count {
            count += lines[start + step]
            size += bytes[start + step]
            if count > 0 { column[step] = Double(wantsBytes ? size : count) / divisor }
        }
        return column
    }
}
