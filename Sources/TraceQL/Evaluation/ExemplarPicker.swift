/// Picks spans that stand for others while series are computed: spread over the time, at most one of a trace, each for one
/// series.
struct ExemplarPicker {
    /// A span that was picked, for the series of a group or for one of them.
    struct Pick {
        let group: Int
        let step: Int
        let exemplar: MetricExemplar
    }

    /// How many may yet be picked in each of the parts into which the range is divided.
    private var room: [UInt8]
    /// The part of each step; empty when nothing is picked.
    private var parts: [Int] = []
    private var traces: Set<TraceKey> = []
    private(set) var picks: [Pick] = []

    /// At most `count` in so many steps.
    init(count: Int, steps: Int) {
        let number = max(1, min(count, steps))
        room = [UInt8](repeating: UInt8(clamping: count / number), count: number)
        if count > 0 { parts = (0..<steps).map { $0 * number / steps } }
    }

    /// Whether a span in this step may be picked.
    @inline(__always)
    func hasRoom(_ step: Int) -> Bool { !parts.isEmpty && room[parts[step]] > 0 }

    /// Picks a span, unless one of its trace is.
    mutating func pick(_ context: TableContext, row: Int, group: Int, step: Int, value: Double?) {
        let id = context.table.traceID(Int(context.traceNumbers[row]))
        guard traces.insert(TraceKey(id)).inserted else { return }
        room[parts[step]] -= 1
        picks.append(
            Pick(
                group: group, step: step,
                exemplar: MetricExemplar(traceID: id, time: context.startTimes[row], value: value)))
    }

    /// The picked spans of a group, each at the place of the series among the group's that it belongs to: the first whose
    /// bucket holds it, or the one whose value in its step is nearest.
    func exemplars(
        group: Int, of series: [(label: (String, Value)?, values: [Double])], isHistogram: Bool
    ) -> [[MetricExemplar]] {
        var result = [[MetricExemplar]](repeating: [], count: series.count)
        for pick in picks where pick.group == group {
            let value = pick.exemplar.value
            let place: Int?
            if series.count <= 1 {
                place = series.indices.first
            } else if isHistogram {
                place = series.firstIndex { one in
                    guard let bound = one.label?.1.number, let value else { return false }
                    return value <= bound
                }
            } else {
                place = series.indices.min { first, second in
                    let own = value ?? 0
                    return abs(series[first].values[pick.step] - own) < abs(series[second].values[pick.step] - own)
                }
            }
            if let place { result[place].append(pick.exemplar) }
        }
        return result
    }
}
