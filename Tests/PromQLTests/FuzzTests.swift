import MartletCore
import PromQL
import PromQLTesting
import SampleMath
import Testing

@Suite("Random queries")
struct FuzzTests {
    /// Floats with gaps, ends, NaN and infinities; histograms of several layouts; a series of both kinds.
    private static func source() -> MemorySource {
        var random = QueryGenerator.Random(state: 7)
        var source = MemorySource()
        for name in ["f", "g"] {
            for (a, b) in [("1", ""), ("1", "x"), ("2", "x"), ("2", "y")] {
                let labels = Labels([("__name__", name), ("a", a), ("b", b)])
                for step in 0..<60 {
                    let value: Double
                    switch Int.random(in: 0..<20, using: &random) {
                    case 0...2: continue
                    case 3: value = StaleNaN.value
                    case 4: value = .nan
                    case 5: value = .infinity
                    default: value = Double(Int.random(in: -20...20, using: &random))
                    }
                    source.add(labels, Int64(step) * 15_000 + 1, value)
                }
            }
        }
        for (a, schema) in [("1", Int32(0)), ("2", 1)] {
            for step in 0..<60 where Int.random(in: 0..<5, using: &random) > 0 {
                let counts = (0..<4).map { _ in Double(Int.random(in: 0...3, using: &random)) }
                let histogram = NativeHistogram(
                    hint: .gauge, schema: schema, zeroThreshold: 0.001, zeroCount: 1,
                    count: counts.reduce(1, +), sum: Double(step),
                    positive: HistogramBuckets(offset: Int32.random(in: -2...2, using: &random), counts: counts))
                source.add(Labels([("__name__", "h"), ("a", a)]), Int64(step) * 15_000, histogram)
                if step % 3 == 0 {
                    source.add(Labels([("__name__", "m"), ("a", a)]), Int64(step) * 15_000, histogram)
                } else {
                    source.add(Labels([("__name__", "m"), ("a", a)]), Int64(step) * 15_000, Double(step))
                }
            }
        }
        return source
    }

    @Test("give at every step what the definitions say", arguments: [UInt64(1), 2, 3, 4])
    func definitions(seed: UInt64) throws {
        try Self.compare(seed, floatsOnly: false, Self.source())
    }

    @Test("of floats alone give at every step what the definitions say", arguments: [UInt64(11), 12, 13, 14])
    func floats(seed: UInt64) throws {
        try Self.compare(seed, floatsOnly: true, Self.source())
    }

    @Test("give the same over so many series that several threads read them", arguments: [UInt64(21), 22])
    func manySeries(seed: UInt64) throws {
        var random = QueryGenerator.Random(state: seed)
        var source = MemorySource()
        for number in 0..<150 {
            let name = number % 10 == 0 ? "m" : number % 3 == 0 ? "g" : "f"
            let labels = Labels([("__name__", name), ("a", "\(number % 2 + 1)"), ("b", "\(number)")])
            for step in 0..<30 where Int.random(in: 0..<6, using: &random) > 0 {
                let time = Int64(step) * 30_000
                if name == "m", step % 4 == 0 {
                    source.add(
                        labels, time,
                        NativeHistogram(
                            schema: 0, count: 3, sum: 4, positive: HistogramBuckets(offset: 0, counts: [1, 2])))
                } else {
                    source.add(labels, time, Double(Int.random(in: -20...20, using: &random)))
                }
            }
        }
        try Self.compare(seed, floatsOnly: seed % 2 == 0, source, queries: 25)
    }

    private static func compare(
        _ seed: UInt64, floatsOnly: Bool, _ source: MemorySource, queries: Int = 400
    ) throws {
        var generator = QueryGenerator(seed: seed, floatsOnly: floatsOnly)
        var answered = 0
        for _ in 0..<queries * fuzzFactor {
            let query = generator.vector(Int.random(in: 0...4, using: &generator.random))
            if try agree(query, source) { answered += 1 }
        }
        // Many have an answer; otherwise nothing would have been compared.
        #expect(answered > queries * fuzzFactor / 6, "seed \(seed): \(answered)")
    }

    /// True when both have an answer.
    private static func agree(_ query: String, _ source: MemorySource) throws -> Bool {
        let (start, end, step) = (Int64(240_000), Int64(660_000), Int64(35_000))
        let expression = try Parser.parse(query)
        // As in Prometheus the number is printed as +Inf, whose sign binds less than the power when it is read again.
        if !query.contains("Inf ^") {
            #expect(try Parser.parse(expression.description).description == expression.description, "\(query)")
        }
        let slow = SlowEvaluator(series: source.series, start: start, end: start + (end - start) / step * step)
        var wanted: [Int64: [Labels: SlowEvaluator.Value]]? = [:]
        do {
            for time in stride(from: start, through: end, by: Int64.Stride(step)) {
                switch try slow.evaluate(expression, at: time) {
                case .vector(let vector): wanted?[time] = vector
                case .scalar(let value): wanted?[time] = [Labels(): .float(value)]
                }
            }
        } catch is SlowEvaluator.Undefined {
            return false
        } catch is SlowEvaluator.Refused {
            wanted = nil
        }
        let result: QueryResult
        do {
            result = try Engine().range(
                query, start: start, end: end, step: step, source: source, context: QueryContext())
        } catch {
            #expect(wanted == nil, "\(query): \(error)")
            return false
        }
        guard let wanted, case .matrix(let matrix) = result.value else {
            #expect(wanted != nil, "\(query) has an answer")
            return false
        }
        var found: [Int64: [Labels: SlowEvaluator.Value]] = [:]
        for series in matrix {
            for (time, value) in zip(series.samples.timestamps, series.samples.values) {
                found[time, default: [:]][series.labels] = .float(value)
            }
            for (time, histogram) in zip(series.histograms.timestamps, series.histograms.values) {
                found[time, default: [:]][series.labels] = .histogram(histogram)
            }
        }
        for (time, vector) in wanted where !same(vector, found[time] ?? [:]) {
            Issue.record("\(query) at \(time): \(found[time] ?? [:]), wanted \(vector)")
            return false
        }
        return true
    }

    private static func same(_ a: [Labels: SlowEvaluator.Value], _ b: [Labels: SlowEvaluator.Value]) -> Bool {
        guard a.count == b.count else { return false }
        return a.allSatisfy { labels, value in
            switch (value, b[labels]) {
            case (.float(let x), .float(let y)?): PromQLTestRunner.almostEqual(x, y)
            case (.histogram(let x), .histogram(let y)?):
                PromQLTestRunner.almostEqual(x.count, y.count) && PromQLTestRunner.almostEqual(x.sum, y.sum)
                    && x.schema == y.schema
            default: false
            }
        }
    }
}
