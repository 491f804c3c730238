import LogQL
import MartletCore
import Testing

@Suite("Series with many samples")
struct ManySamplesTests {
    private struct Sample {
        var time: Int64
        var value: Double
    }

    private static let second: Int64 = 1_000_000_000

    /// Streams whose lines become one series, and its samples by time: streams come one after the other, so that samples do not
    /// come in order.
    private static func source(_ count: Int, seed: UInt64, streams: Int = 3) -> (MemorySource, [Sample]) {
        var random = WindowPropertyTests.Generator(state: seed)
        var lines = [[MemorySource.Line]](repeating: [], count: streams)
        var samples: [Sample] = []
        for place in 0..<count {
            // Ten a second, with gaps of a minute now and then.
            let seconds = Double(place) / 10 + Double(place / 3000) * 60
            let value = Double(random.next(2_000_000)) / 1000 - 700
            lines[random.next(streams)].append(MemorySource.Line(seconds: seconds, text: "v=\(value)"))
            samples.append(Sample(time: MemorySource.Line(seconds: seconds, text: "").time, value: value))
        }
        let source = MemorySource(lines.enumerated().map { ([("app", "a"), ("stream", "\($0)")], $1) })
        return (source, samples)
    }

    private static func expected(_ function: String, _ values: [Double], range: Double) -> Double? {
        guard let first = values.first, let last = values.last else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        switch function {
        case "sum_over_time": return values.reduce(0, +)
        case "rate": return values.reduce(0, +) / range
        case "avg_over_time": return mean
        case "min_over_time": return values.min()
        case "max_over_time": return values.max()
        case "stddev_over_time": return variance.squareRoot()
        case "stdvar_over_time": return variance
        case "first_over_time": return first
        default: return last
        }
    }

    @Test(
        "have the values that a plain look at all samples has, whatever parts they come in",
        arguments: [
            "sum_over_time", "rate", "avg_over_time", "min_over_time", "max_over_time", "stddev_over_time",
            "stdvar_over_time", "first_over_time", "last_over_time",
        ], [(60, 15), (60, 60), (45, 100), (300, 20), (1, 30)])
    func values(function: String, window: (range: Int, step: Int)) throws {
        var (source, samples) = Self.source(13_500, seed: UInt64(window.range))
        for parts in [1, 3] {
            source.partCount = parts
            let inner = "\(function)({app=\"a\"} | logfmt | unwrap v [\(window.range)s] offset 3s)"
            let query =
                function == "rate" || function == "sum_over_time" ? "sum by (app) (\(inner))" : inner + " by (app)"
            let (start, end) = (Self.second * 17, Self.second * 1700)
            let step = Int64(window.step) * Self.second
            let matrix = try LogEngine(source).matrix(
                QueryExpression(parsing: query), start: start, end: end, step: step, context: LogQueryContext())
            #expect(matrix.count == 1)
            var (low, high) = (0, 0)
            for (index, time) in stride(from: start, through: end, by: Int64.Stride(step)).enumerated() {
                let last = time - 3 * Self.second
                while high < samples.count, samples[high].time <= last { high += 1 }
                while low < high, samples[low].time <= last - Int64(window.range) * Self.second { low += 1 }
                let found = matrix.columns[0][index]
                guard
                    let expected = Self.expected(
                        function, samples[low..<high].map(\.value), range: Double(window.range))
                else {
                    #expect(SeriesMatrix.isMissing(found))
                    continue
                }
                #expect((found - expected).magnitude <= 1e-9 * max(1, expected.magnitude), "\(query) at \(time)")
            }
        }
        samples = []
    }

    @Test("do not take memory for each of them, unless a function needs all")
    func memory() throws {
        let (source, samples) = Self.source(80_000, seed: 1, streams: 1)
        func value(_ query: String) throws -> Double? {
            let context = LogQueryContext(memoryLimit: 1 << 20)
            let time = 100_000 * Self.second
            return try LogEngine(source).matrix(
                QueryExpression(parsing: query), start: time, end: time, step: 1, context: context
            ).columns.first?.first
        }
        for function in ["sum", "avg", "min", "max", "stddev", "first", "last"] {
            let expected = try #require(Self.expected("\(function)_over_time", samples.map(\.value), range: 1))
            let found = try #require(try value("\(function)_over_time({app=\"a\"} | logfmt | unwrap v [2d])"))
            #expect((found - expected).magnitude <= 1e-9 * max(1, expected.magnitude), "\(function)")
        }
        #expect(throws: LogQueryError.self) {
            try value("quantile_over_time(0.5, {app=\"a\"} | logfmt | unwrap v [2d])")
        }
    }

    @Test("add up infinities and what is no number as few samples do, and means of the largest numbers")
    func extremes() throws {
        func value(_ function: String, _ values: [String]) throws -> Double? {
            // Twice: as they are, and so often that they are folded.
            var found: [Double] = []
            for times in [1, 5000] {
                let lines = (0..<values.count * times).map { place in
                    MemorySource.Line(seconds: Double(place + 1) / 1000, text: "v=\(values[place % values.count])")
                }
                let matrix = try LogEngine(MemorySource([([("app", "a")], lines)])).matrix(
                    QueryExpression(parsing: "\(function)({app=\"a\"} | logfmt | unwrap v [1h])"),
                    start: 3000 * Self.second,
                    end: 3000 * Self.second, step: 1, context: LogQueryContext())
                found.append(try #require(matrix.columns.first?.first))
            }
            let (few, many) = (found[0], found[1])
            #expect(
                few == many || few.isNaN && many.isNaN || (few - many).magnitude <= 1e-12 * few.magnitude,
                "\(function) \(values)")
            return many
        }
        for function in ["sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "last_over_time"] {
            if function != "sum_over_time" { _ = try value(function, ["1", "1e308"]) }
            for values in [["NaN", "1"], ["+Inf", "1"], ["+Inf", "-Inf"], ["-Inf", "-Inf"], ["NaN"]] {
                _ = try value(function, values)
            }
        }
        #expect(try value("avg_over_time", ["1e308"]) == 1e308)
    }
}
