import MartletCore

/// The stages behind a metrics function.
enum SeriesStages {
    static func apply(_ stages: [PipelineStage], to series: [MetricSeries]) -> [MetricSeries] {
        var series = series
        for stage in stages {
            switch stage {
            case .seriesFilter(let symbol, let literal):
                // Series of durations are in seconds.
                guard var limit = literal.number else { continue }
                if case .duration = literal { limit /= 1e9 }
                let constant = Value.double(limit)
                for index in series.indices {
                    series[index].values = series[index].values.map {
                        Value.double($0).holds(symbol, constant) ? $0 : .nan
                    }
                }
            case .top(let count, let smallest):
                top(count, smallest: smallest, &series)
            default: break
            }
            series.removeAll { $0.values.allSatisfy(\.isNaN) }
        }
        return series
    }

    /// Keeps the largest or smallest values of each step; ties go to the series that comes first by its labels.
    private static func top(_ count: Int, smallest: Bool, _ series: inout [MetricSeries]) {
        series = sorted(series)
        for step in series.first?.values.indices ?? 0..<0 {
            // Series come by their labels: one that is not better than those before it does not displace any.
            var best: [(value: Double, index: Int)] = []
            for index in series.indices {
                let value = series[index].values[step]
                if value.isNaN { continue }
                if best.count == count, let last = best.last {
                    guard value != last.value, (value < last.value) == smallest else {
                        series[index].values[step] = .nan
                        continue
                    }
                    best.removeLast()
                    series[last.index].values[step] = .nan
                }
                let place = best.indices.partitioningIndex {
                    best[$0].value != value && (value < best[$0].value) == smallest
                }
                best.insert((value, index), at: place)
            }
        }
    }

    /// By their labels.
    static func sorted(_ series: [MetricSeries]) -> [MetricSeries] {
        let keys = series.map(key)
        return series.indices.sorted { keys[$0] < keys[$1] }.map { series[$0] }
    }

    /// The labels as text, for order and matching.
    static func key(_ series: MetricSeries) -> String {
        series.labels.map { "\($0.key)=\($0.value.shown)" }.joined(separator: ",")
    }
}

extension Value {
    /// The value as people read it.
    package var shown: String {
        switch self {
        case .missing: "nil"
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .int(let value): String(value)
        case .double(let value): value.description
        case .bool(let value): String(value)
        case .array(let elements): "[" + elements.map(\.shown).joined(separator: ", ") + "]"
        case .opaque: "…"
        }
    }
}
