import MartletCore
import PromQL

/// What a query's parameter `stats` is answered with: how long it took, and what it looked at. Preparing and sorting are part
/// of the evaluation here, so that they take no time of their own.
struct QueryReport: Sendable {
    private let asked = ContinuousClock.now
    private let isPerStep: Bool
    /// What is said of a value that will be refused some day, in Prometheus' words.
    let warning: String?
    /// Nil when the request does not ask.
    let statistics: QueryStatistics?

    /// A report for a value of the parameter; the empty one asks for nothing.
    init(_ parameter: String?) {
        isPerStep = parameter == "all"
        warning = parameter.flatMap { value in
            ["", "true", "all"].contains(value)
                ? nil
                : "value \(GoQuote.quote(value)) for parameter \"stats\" is deprecated and will be rejected in the next "
                    + "major release, use \"true\" or \"all\""
        }
        statistics = parameter?.isEmpty ?? true ? nil : QueryStatistics()
    }

    /// Writes the member `stats` of a query that began to be evaluated at `began` and has just ended.
    func write(
        _ result: QueryResult, began: ContinuousClock.Instant, times: (Int) -> Int64, _ json: inout JSONWriter
    ) {
        guard let statistics else { return }
        let now = ContinuousClock.now
        let evaluation = (now - began) / .seconds(1)
        let counts = statistics.current
        json.key("stats")
        json.beginObject()
        json.key("timings")
        json.beginObject()
        for (key, seconds) in [
            ("evalTotalTime", evaluation), ("resultSortTime", 0), ("queryPreparationTime", 0),
            ("innerEvalTime", evaluation), ("execQueueTime", (began - asked) / .seconds(1)),
            ("execTotalTime", (now - asked) / .seconds(1)),
        ] {
            json.key(key)
            json.double(seconds)
        }
        json.endObject()
        json.key("samples")
        json.beginObject()
        if isPerStep {
            json.key("totalQueryableSamplesPerStep")
            json.beginArray()
            for (step, count) in counts.perStep.enumerated() {
                json.beginArray()
                json.sampleTime(times(step))
                json.int(count)
                json.endArray()
            }
            json.endArray()
        }
        for (key, count) in [
            ("totalQueryableSamples", counts.total), ("samplesRead", counts.read), ("peakSamples", result.peakSamples),
        ] {
            json.key(key)
            json.int(count)
        }
        json.endObject()
        json.endObject()
    }
}
