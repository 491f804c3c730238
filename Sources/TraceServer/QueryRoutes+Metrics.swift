import HTTPTypes
import Hummingbird
import MartletCore
import Service
import TraceQL
import TraceStorage

extension QueryRoutes {
    /// Most samples of one series.
    private static let maximumSteps = 10_000

    func metrics(_ call: Call, isInstant: Bool) throws -> Response {
        let memory = QueryMemory(budget: database.budget)
        let answer = try measured(call, isInstant: isInstant, memory: memory)
        return try withExtendedLifetime(memory) {
            try Self.hold(memory, answer)
            return Self.json(isInstant ? MetricsJSON.instant(answer) : MetricsJSON.range(answer))
        }
    }

    /// The series of a metrics query, and why they are not all.
    struct Measured {
        var series: [MetricSeries]
        let steps: MetricSteps
        var incomplete: String?

        /// Of an instant query, the series that have a value.
        var present: [MetricSeries] { series.filter { !($0.values.first?.isNaN ?? true) } }

        /// A series' exemplars in whose steps it has a value, each at that value when it has none of its own.
        func exemplars(of one: MetricSeries) -> [(exemplar: MetricExemplar, value: Double)] {
            one.exemplars.compactMap { exemplar in
                guard let step = steps.index(of: exemplar.time), !one.values[step].isNaN else { return nil }
                return (exemplar, exemplar.value ?? one.values[step])
            }
        }
    }

    /// What a metrics query answers.
    ///
    /// - Parameter memory: the series are taken from it.
    func measured(
        _ call: Call, isInstant: Bool, memory: QueryMemory, progress: QueryProgress<Measured>? = nil
    ) throws -> Measured {
        let text = call.parameters["q"] ?? call.parameters["query"] ?? ""
        let limit = QueryTimes.Limit(
            seconds: limits.metricsSeconds, key: "overrides.defaults.read.max_metrics_duration")
        let times = try QueryTimes(metrics: call.parameters, limit: limit, now: now()).range
        let length = times.end - times.start
        var step = Self.automaticStep(length)
        if let text = call.parameters["step"], !text.isEmpty { step = try QueryTimes.duration("step", text) }
        guard step > 0 else { throw HTTPFailure(.badRequest, "invalid step: must be longer than 0") }
        guard isInstant || length / step <= UInt64(Self.maximumSteps) else {
            throw HTTPFailure(.badRequest, "step is too short: the range has more than \(Self.maximumSteps) steps")
        }
        let plan = try plan(text) { query throws(TraceQLError) in try TraceMetrics(query) }
        let steps = isInstant ? MetricSteps(instant: times) : MetricSteps(range: times, step: step)
        let most = try maximumSeries(call)
        let exemplars = isInstant ? 0 : try maximumExemplars(call)
        func limited(_ series: [MetricSeries]) -> Measured {
            let (kept, choice) = plan.leading(most, of: series)
            return Measured(
                series: kept, steps: steps, incomplete: choice.map { "\($0); raise \(Self.maximumSeriesKey)" })
        }
        guard let store = call.store else { return limited([]) }
        do {
            let told: QueryProgress<[MetricSeries]>? = progress.map { progress in
                { done, total, soFar in progress(done, total) { soFar().map(limited) } }
            }
            return limited(
                try plan.run(
                    on: store, steps: steps, exemplars: exemplars, memory: memory, cancellation: call.cancellation,
                    progress: told))
        } catch let error as TraceQLError {
            throw HTTPFailure(.badRequest, error.description)
        } catch let error as QueryMemory.BudgetExhausted {
            throw Self.failure(error)
        }
    }

    /// Takes memory for what an answer becomes.
    static func hold(_ memory: QueryMemory, _ answer: Measured) throws {
        do {
            try memory.hold(answer.series.count * answer.steps.count * bytesPerSample)
        } catch let error as QueryMemory.BudgetExhausted {
            throw failure(error)
        } catch let error as TraceQLError {
            throw HTTPFailure(.badRequest, error.description)
        }
    }

    private static func failure(_ error: QueryMemory.BudgetExhausted) -> HTTPFailure {
        .retryLater(.tooManyRequests, error.description, after: 5)
    }

    private static let maximumSeriesKey = "query_frontend.metrics.max_response_series"
    /// Bytes of a sample in JSON, about.
    private static let bytesPerSample = 56

    /// How many series to answer with: what the request asks for, within the limit.
    private func maximumSeries(_ call: Call) throws(HTTPFailure) -> Int {
        let limit = limits.metricsSeries > 0 ? limits.metricsSeries : .max
        guard let text = call.parameters["maxSeries"], !text.isEmpty else { return limit }
        guard let value = Int(text), value >= 0 else {
            throw HTTPFailure(.badRequest, "invalid maxSeries: must be a non-negative number")
        }
        return value == 0 ? limit : min(value, limit)
    }

    /// How many exemplars to answer with: what the request asks for, within the limit; 0 asks for all of them.
    private func maximumExemplars(_ call: Call) throws(HTTPFailure) -> Int {
        guard let text = call.parameters["exemplars"], !text.isEmpty else { return limits.exemplars }
        guard let value = Int(text), value >= 0 else {
            throw HTTPFailure(.badRequest, "invalid exemplars: must be a non-negative number")
        }
        return value == 0 ? limits.exemplars : min(value, limits.exemplars)
    }

    /// About a 240th of the range, rounded down to what people read well.
    static func automaticStep(_ range: UInt64) -> UInt64 {
        let second: UInt64 = 1_000_000_000
        let wanted = range / 240
        for unit in [3600, 300, 60, 15, 5, 1] as [UInt64] where wanted >= unit * second {
            return wanted / (unit * second) * (unit * second)
        }
        return max(wanted / 50_000_000 * 50_000_000, 50_000_000)
    }
}
