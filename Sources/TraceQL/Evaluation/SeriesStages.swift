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
        series.sort { key($0) < key($1) }
        for step in series.first?.values.indices ?? 0..<0 {
            let present = series.indices.filter { !series[$0].values[step].isNaN }
            let ranked = present.sorted { first, second in
                let (left, right) = (series[first].values[step], series[second].values[step])
                return left == right ? first < second : (left < right) == smallest
            }
            for loser in ranked.dropFirst(count) { series[loser].values[step] = .nan }
        }
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
