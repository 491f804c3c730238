import MartletCore
import PromQL
import PromQLTesting
import SampleMath
import Testing

@Suite("Engine")
struct EngineTests {
    private func source() -> MemorySource {
        var source = MemorySource()
        for (instance, factor) in [("a", 1.0), ("b", 2)] {
            for name in ["requests_total", "errors_total"] {
                for step in 0..<60 {
                    source.add(
                        Labels([("__name__", name), ("instance", instance)]), Int64(step) * 15_000,
                        Double(step) * factor)
                }
            }
        }
        return source
    }

    private func range(
        _ query: String, context: QueryContext = QueryContext(), options: Engine.Options = Engine.Options()
    ) throws -> [QueryResult.Series] {
        let result = try Engine(options: options).range(
            query, start: 300_000, end: 600_000, step: 60_000, source: source(), context: context)
        guard case .matrix(let matrix) = result.value else { return [] }
        return matrix
    }

    @Test("gives at every step of a range query what an instant query gives there")
    func steps() throws {
        let source = source()
        for query in [
            "requests_total", "rate(requests_total[1m])", "sum(rate(requests_total[2m])) by (instance)",
            "requests_total / ignoring(instance) group_left sum(requests_total)", "topk(1, requests_total)",
            "max_over_time(rate(requests_total[1m])[5m:30s])", "requests_total offset 1m > 20", "time() - 3 * 2",
            "requests_total and requests_total > 25", "absent(requests_total > 40)", "scalar(sum(requests_total))",
            "quantile(0.3, {__name__=~\".+_total\"})", "count_values(\"v\", requests_total)", "-requests_total + 1",
            "label_replace(requests_total, \"x\", \"$1\", \"instance\", \"(.)\")", "requests_total @ end() offset 30s",
        ] {
            let whole = try Engine().range(
                query, start: 300_000, end: 600_000, step: 60_000, source: source, context: QueryContext())
            guard case .matrix(let matrix) = whole.value else { throw QueryError(.internal, "no matrix") }
            // `@ end()` means the range query's end, which an instant query cannot know.
            if query.contains("end()") {
                #expect(matrix.allSatisfy { Set($0.samples.values).count == 1 })
                continue
            }
            for time in stride(from: Int64(300_000), through: 600_000, by: 60_000) {
                let single = try Engine().instant(query, at: time, source: source, context: QueryContext())
                var expected: [Labels: Double] = [:]
                switch single.value {
                case .vector(let samples): for sample in samples { expected[sample.labels] = sample.value }
                case .scalar(let value): expected[Labels()] = value
                default: Issue.record("\(query)")
                }
                var found: [Labels: Double] = [:]
                for series in matrix {
                    if let index = series.samples.timestamps.firstIndex(of: time) {
                        found[series.labels] = series.samples.values[index]
                    }
                }
                #expect(found == expected, "\(query) at \(time)")
            }
        }
    }

    @Test(
        "a computed duration that cannot be says where in the query it stands, and why",
        arguments: [
            ("count_over_time(requests_total[5m/(5m-5m)])", "31:40: division by zero"),
            ("requests_total offset (1 % (2-2))", "23:31: modulo by zero"),
            ("count_over_time(requests_total[step()-(1m)])", "31:41: duration must be greater than 0"),
            ("count_over_time(requests_total[-step()])", "31:38: duration must be greater than 0"),
            ("count_over_time(requests_total[(-5m)])", "31:35: duration must be greater than 0"),
            ("count_over_time(requests_total[max_of(-1, -step())])", "38:49: duration must be greater than 0"),
            ("requests_total offset ((0-1) ^ 0.5)", "24:34: duration is NaN or infinite"),
            ("requests_total offset (1e9 * 1e9)", "23:32: duration is out of range"),
        ])
    func computedDurations(query: String, fault: String) {
        let error = #expect(throws: QueryError.self) { try range(query) }
        #expect(error?.message == #"invalid parameter "query": "# + fault)
    }

    @Test(
        "a query that needs more memory than there is ends with the reason, and gives all back",
        arguments: [
            "max_over_time(vector(1)[10d:1s])", "sum_over_time((requests_total * on() group_left vector(2))[10d:1s])",
            "max_over_time(max_over_time(rate(requests_total[5m])[1h:1s])[5d:1s])",
            "count_over_time((requests_total or errors_total)[5d:1s])",
            "min_over_time(vector(time() + (time() + (time() + time())))[5d:1s])",
            "avg_over_time(sum by (instance) (requests_total)[10d:1s])", "absent_over_time(absent(up)[10d:1s])",
        ])
    func memory(query: String) throws {
        let budget = MemoryBudget(limitBytes: 8 << 20)
        #expect(budget.reserve(4 << 20))
        do {
            let context = QueryContext(memory: budget)
            let failure = #expect(throws: QueryError.self) {
                try Engine().instant(query, at: 600_000, source: source(), context: context)
            }
            #expect(failure?.kind == .execution)
            #expect(failure?.message.contains("raise --memory.limit") == true, "\(query): \(failure as Any)")
        }
        #expect(budget.used == 4 << 20)
    }

    @Test("scalars count against the sample limit while they are there")
    func scalarSamples() throws {
        let tower = (0..<20).reduce("time()") { text, _ in "time() + (\(text))" }
        let failure = #expect(throws: QueryError.self) {
            try Engine().instant(
                "max_over_time(vector(\(tower))[1h:1s])", at: 3_600_000, source: source(),
                context: QueryContext(maxSamples: 50_000))
        }
        #expect(failure?.message.contains("too many samples") == true)
        _ = try Engine().instant(
            "max_over_time(vector(\(tower))[1h:1s])", at: 3_600_000, source: source(),
            context: QueryContext(maxSamples: 100_000))
    }

    @Test("operands count while they are there: a sum of many terms needs no more at once than one of two")
    func operandSamples() throws {
        let query = (0..<20).map { _ in "requests_total" }.joined(separator: " + ")
        let context = QueryContext(maxSamples: 100)
        let result = try Engine().range(
            query, start: 300_000, end: 600_000, step: 60_000, source: source(), context: context)
        guard case .matrix(let matrix) = result.value else { throw QueryError(.internal, "no matrix") }
        #expect(matrix.map(\.samples.values.first) == [400, 800])
        #expect(throws: QueryError.self) {
            try range("requests_total + requests_total", context: QueryContext(maxSamples: 20))
        }
    }

    @Test(
        "what topk keeps for each group and step is memory of the query",
        arguments: ["topk by (instance) (1, requests_total)", "limitk by (instance) (1, requests_total)"])
    func rankedMemory(query: String) throws {
        let budget = MemoryBudget(limitBytes: 3 << 20)
        let options = Engine.Options(features: ["promql-experimental-functions"])
        let failure = #expect(throws: QueryError.self) {
            try Engine(options: options).range(
                query, start: 0, end: 20_000_000, step: 1000, source: source(), context: QueryContext(memory: budget))
        }
        #expect(failure?.message.contains("raise --memory.limit") == true)
        #expect(budget.used == 0)
        let rows = try range(query, context: QueryContext(memory: budget), options: options)
        #expect(rows.count == 2)
    }

    @Test("a reload changes the step of subqueries that name none, for every copy of an engine")
    func subqueryStep() throws {
        let engine = Engine()
        let copy = engine
        func count() throws -> Double? {
            let result = try copy.instant(
                "count_over_time(vector(1)[10m:])", at: 600_000, source: source(), context: QueryContext())
            guard case .vector(let samples) = result.value else { return nil }
            return samples.first?.value
        }
        #expect(try count() == 10)
        engine.setSubqueryStep(10_000)
        #expect(try count() == 60)
    }

    @Test("windows that overlap ten thousandfold are evaluated in pieces, with the same result")
    func overlappingWindows() throws {
        // 20,000 windows of 10,000 samples are more than one piece.
        let result = try Engine().range(
            "sum_over_time(vector(time())[10000s:1s])", start: 20_000_000, end: 40_000_000, step: 1000,
            source: source(),
            context: QueryContext())
        guard case .matrix(let matrix) = result.value else { throw QueryError(.internal, "no matrix") }
        let samples = try #require(matrix.first?.samples)
        #expect(samples.count == 20_001)
        for (time, value) in zip(samples.timestamps, samples.values) {
            // 10,000 seconds up to and with this one.
            let last = Double(time) / 1000
            #expect(value == 10_000 * (last - 9999 + last) / 2)
        }
    }

    @Test("removes names at once by default, and refuses series that become equal by it")
    func names() throws {
        #expect(
            try range("rate(requests_total[1m])").map(\.labels.description) == [#"{instance="a"}"#, #"{instance="b"}"#])
        #expect(try range("sum by (__name__) (rate(requests_total[1m]))").map(\.labels) == [Labels()])
        let error = #expect(throws: QueryError.self) { try range("rate({__name__=~\".+\"}[1m])") }
        #expect(error?.message == "vector cannot contain metrics with the same labelset")
        var delayed = Engine.Options()
        delayed.delayedNameRemoval = true
        #expect(throws: QueryError.self) { try range("rate({__name__=~\".+\"}[1m])", options: delayed) }
        #expect(try range("sum(rate({__name__=~\".+\"}[1m]))", options: delayed).count == 1)
        #expect(throws: QueryError.self) { try range("sum(rate({__name__=~\".+\"}[1m]))") }
    }

    @Test("sorts matrices by labels and remarks on rates of what is no counter")
    func results() throws {
        #expect(
            try range("{instance=~\".\"}").map(\.labels.description) == [
                #"errors_total{instance="a"}"#, #"errors_total{instance="b"}"#, #"requests_total{instance="a"}"#,
                #"requests_total{instance="b"}"#,
            ])
        var source = MemorySource()
        for step in 0..<10 { source.add(Labels([("__name__", "gauge")]), Int64(step) * 1000, 1) }
        let result = try Engine().instant("rate(gauge[1m])", at: 9000, source: source, context: QueryContext())
        #expect(
            result.infos == [
                #"PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "gauge" (1:6)"#
            ])
    }

    @Test("stops at the sample limit, when cancelled, and when its time is over")
    func limits() throws {
        let tooMany = #expect(throws: QueryError.self) {
            try range("requests_total", context: QueryContext(maxSamples: 20))
        }
        #expect(tooMany?.kind == .execution)
        #expect(tooMany?.message == "query processing would load too many samples into memory in query execution")
        let cancelled = QueryContext()
        cancelled.cancel()
        #expect(throws: QueryError(.canceled, "query was canceled in expression evaluation")) {
            try range("requests_total", context: cancelled)
        }
        let late = QueryContext(timeoutSeconds: 1e-9)
        #expect(throws: QueryError(.timeout, "query timed out in expression evaluation")) {
            try range("requests_total", context: late)
        }
        #expect(throws: QueryError.self) { try range("sum_over_time(requests_total[100y:1ms])") }
    }

    @Test(
        "refuses parameters that make no sense",
        arguments: [
            (
                "\"a\"", Int64(0), Int64(10), Int64(1),
                "invalid parameter \"query\": invalid expression type \"string\" for range query, "
                    + "must be Scalar or instant Vector"
            ),
            (
                "a[5m]", 0, 10, 1,
                "invalid parameter \"query\": invalid expression type \"range vector\" for range query, "
                    + "must be Scalar or instant Vector"
            ),
            ("1", 0, 10, 0, "zero or negative query resolution step widths are not accepted. Try a positive integer"),
            ("1", 10, 0, 1, "end timestamp must not be before start time"), ("1", .min, .max, 1, "time out of range"),
            ("1 +", 0, 10, 1, "invalid parameter \"query\": 1:4: parse error: unexpected end of input"),
        ])
    func parameters(query: String, start: Int64, end: Int64, step: Int64, message: String) {
        let error = #expect(throws: QueryError.self) {
            try Engine().range(
                query, start: start, end: end, step: step, source: MemorySource(), context: QueryContext())
        }
        #expect(error?.message == message)
        #expect(error?.kind == .badData)
    }

    @Test("answers an instant query for a range vector with the samples themselves")
    func rawSamples() throws {
        let result = try Engine().instant(
            "requests_total{instance=\"a\"}[45s]", at: 60_000, source: source(), context: QueryContext())
        guard case .matrix(let matrix) = result.value else { throw QueryError(.internal, "no matrix") }
        #expect(matrix.map(\.samples.timestamps) == [[30_000, 45_000, 60_000]])
    }

    @Test("evaluates the longest chains and deepest nests that parse")
    func depth() throws {
        let chains = [
            "1" + String(repeating: "+1", count: 1000),
            "requests_total" + String(repeating: " or requests_total", count: 300),
            String(repeating: "abs(", count: 150) + "requests_total" + String(repeating: ")", count: 150),
        ]
        for query in chains {
            _ = try Engine().instant(query, at: 60_000, source: source(), context: QueryContext())
        }
    }

    @Test(
        "survives times and durations at the edge of what can be said",
        arguments: [
            "a @ 3999999999999999", "a @ -3999999999999999", "a offset 292y", "a offset -292y", "rate(a[292y])",
            "a @ 4e15 offset -292y",
            "sum_over_time(a[292y:292y] offset 292y)", "year(vector(1e300))", "timestamp(vector(-1e300))",
            "day_of_week(vector(NaN))",
        ])
    func extremes(query: String) {
        for time in [0, 1 << 60, -(1 << 60)] as [Int64] {
            _ = try? Engine().instant(query, at: time, source: source(), context: QueryContext())
        }
    }
}
