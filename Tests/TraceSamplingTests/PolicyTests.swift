import MartletCore
import Testing
import TraceSampling

@Suite("Policies of tail sampling")
struct PolicyTests {
    private typealias Trace = FixtureTrace

    private func decide(_ rule: any SamplingRule, _ trace: FixtureTrace, at time: UInt64 = 0) -> SamplingDecision {
        var rule = rule
        return rule.decide(trace, at: time)
    }

    @Test("always_sample samples")
    func always() {
        #expect(decide(AlwaysRule(), Trace()) == .sampled)
    }

    @Test(
        "latency compares the time between the first start and the last end, in whole milliseconds",
        arguments: [
            (499, 500, 0, SamplingDecision.notSampled), (500, 500, 0, .sampled), (9999, 500, 0, .sampled),
            (500, 500, 1000, .notSampled), (501, 500, 1000, .sampled), (1000, 500, 1000, .sampled),
            (1001, 500, 1000, .notSampled),
        ])
    func latency(milliseconds: Int, lower: Int, upper: Int, decision: SamplingDecision) {
        let start: UInt64 = 1_700_000_000_000_000_000
        let end = start + UInt64(milliseconds) * 1_000_000
        let trace = Trace([
            .init(start: start + 10, end: start + 20), .init(start: start, end: start + 1),
            .init(start: start + 5, end: end + 999_999),
        ])
        let rule = LatencyRule(milliseconds: Int64(lower), upperMilliseconds: Int64(upper))
        #expect(decide(rule, trace) == decision)
    }

    @Test("latency does not stumble over a trace that ends before it starts")
    func backwards() {
        #expect(decide(LatencyRule(milliseconds: 1), Trace([.init(start: 10, end: 5)])) == .notSampled)
    }

    @Test(
        "numeric_attribute takes values from the least to the greatest, integers or not",
        arguments: [
            (FixtureTrace.Value.integer(49), SamplingDecision.notSampled), (.integer(50), .sampled),
            (.integer(100), .sampled), (.integer(101), .notSampled), (.double(99.5), .sampled),
            (.double(100.5), .notSampled), (.double(.nan), .notSampled), (.text("75"), .notSampled),
            (.boolean(true), .notSampled),
        ])
    func number(value: FixtureTrace.Value, decision: SamplingDecision) {
        let rule = NumberRule("n", minimum: 50, maximum: 100)
        #expect(decide(rule, Trace(["n": value])) == decision)
        #expect(decide(rule, Trace(resource: ["n": value])) == decision)
        #expect(decide(rule, Trace(["other": value])) == .notSampled)
    }

    @Test("numeric_attribute needs only one bound")
    func openNumber() {
        let negative = Trace(["n": .integer(-7)])
        #expect(decide(NumberRule("n", minimum: nil, maximum: 0), negative) == .sampled)
        #expect(decide(NumberRule("n", minimum: 0, maximum: nil), negative) == .notSampled)
    }

    @Test(
        "invert_match says inverted not sampled where something matches, and inverted sampled where nothing does",
        arguments: [
            NumberRule("k", minimum: 1, maximum: 1, isInverted: true) as any SamplingRule,
            TextRule("k", TextMatcher(texts: ["1"]), isInverted: true), BooleanRule("k", true, isInverted: true),
        ])
    func inverted(rule: any SamplingRule) {
        let all = FixtureTrace([
            .init(attributes: ["k": .integer(1)]), .init(attributes: ["k": .text("1")]),
            .init(attributes: ["k": .boolean(true)]),
        ])
        #expect(decide(rule, all) == .invertedNotSampled)
        #expect(decide(rule, Trace(["k": .double(2)])) == .invertedSampled)
        #expect(decide(rule, Trace()) == .invertedSampled)
    }

    @Test(
        "string_attribute compares whole texts",
        arguments: [
            ("value1", SamplingDecision.sampled), ("value2", .sampled), ("value", .notSampled),
            ("value10", .notSampled), ("", .notSampled),
        ])
    func text(value: String, decision: SamplingDecision) {
        let rule = TextRule("k", TextMatcher(texts: ["value1", "value2", ""]))
        #expect(decide(rule, Trace(["k": .text(value)])) == decision)
        #expect(decide(rule, Trace(resource: ["k": .text(value)])) == decision)
    }

    @Test(
        "string_attribute with expressions matches anywhere, as Go does",
        arguments: [
            ("/health", SamplingDecision.sampled), ("/v1/health/live", .sampled), ("/metrics", .sampled),
            ("/metrics/all", .notSampled), ("/orders", .notSampled),
        ])
    func regex(value: String, decision: SamplingDecision) throws {
        let rule = TextRule(
            "url.path",
            TextMatcher(expressions: [
                try Regex("/health", anchored: false, dotMatchesNewline: false),
                try Regex("^/metrics$", anchored: false, dotMatchesNewline: false),
            ]))
        #expect(decide(rule, Trace(["url.path": .text(value)])) == decision)
    }

    @Test("boolean_attribute wants the value, not only the key")
    func boolean() {
        #expect(decide(BooleanRule("k", true), Trace(["k": .boolean(true)])) == .sampled)
        #expect(decide(BooleanRule("k", true), Trace(["k": .boolean(false)])) == .notSampled)
        #expect(decide(BooleanRule("k", false), Trace(["k": .boolean(false)])) == .sampled)
        #expect(decide(BooleanRule("k", false), Trace()) == .notSampled)
    }

    @Test("status_code wants one span of one of the codes")
    func status() {
        let trace = Trace([.init(status: 0), .init(status: 2)])
        #expect(decide(StatusRule([2]), trace) == .sampled)
        #expect(decide(StatusRule([1]), trace) == .notSampled)
        #expect(decide(StatusRule([1, 0]), trace) == .sampled)
    }

    @Test(
        "span_count takes both ends in",
        arguments: [
            (1, SamplingDecision.notSampled), (2, .sampled), (20, .sampled), (21, .notSampled),
        ])
    func spanCount(count: Int, decision: SamplingDecision) {
        #expect(decide(SpanCountRule(minimum: 2, maximum: 20), Trace(spans: count)) == decision)
    }

    @Test("span_count without a greatest number has none")
    func openSpanCount() {
        #expect(decide(SpanCountRule(minimum: 2), Trace(spans: 1000)) == .sampled)
    }

    @Test(
        "trace_state looks for values under a key",
        arguments: [
            ("key=a", SamplingDecision.sampled), ("x=1, key=b ,y=2", .sampled), ("key=c", .notSampled),
            ("key=ab", .notSampled), ("xkey=a", .notSampled), ("key", .notSampled), ("", .notSampled),
            (",,=,key=a", .sampled),
        ])
    func traceState(state: String, decision: SamplingDecision) {
        let rule = TraceStateRule("key", values: ["a", "b"])
        #expect(decide(rule, Trace([.init(), .init(traceState: state)])) == decision)
    }

    @Test("trace_flags wants the sampled flag on a span")
    func traceFlags() {
        #expect(decide(TraceFlagsRule(), Trace([.init(flags: 0x300), .init(flags: 0x301)])) == .sampled)
        #expect(decide(TraceFlagsRule(), Trace([.init(flags: 0x302)])) == .notSampled)
    }

    @Test("probabilistic keeps about its share, the same traces every time, and other ones with another salt")
    func probabilistic() {
        func kept(_ rule: ProbabilityRule) -> Set<UInt64> {
            Set(
                (1...10_000).filter { number in
                    var trace = Trace()
                    (trace.high, trace.low) = (number &* 0x9E37_79B9_7F4A_7C15, number &* 0xD6E8_FEB8_6659_FD93)
                    return decide(rule, trace) == .sampled
                })
        }
        let tenth = kept(ProbabilityRule(percentage: 10))
        #expect((900...1100).contains(tenth.count))
        #expect(kept(ProbabilityRule(percentage: 10)) == tenth)
        #expect(kept(ProbabilityRule(percentage: 20)).isSuperset(of: tenth))
        #expect(kept(ProbabilityRule(percentage: 10, salt: "another")) != tenth)
        #expect(kept(ProbabilityRule(percentage: 0)).isEmpty)
        #expect(kept(ProbabilityRule(percentage: 100)).count == 10_000)
        #expect(kept(ProbabilityRule(percentage: 250)).count == 10_000)
    }

    @Test("probabilistic hashes salt and id with FNV-1a, as the Collector does")
    func fnv() {
        // FNV-1a of "default-hash-seed" and sixteen zero bytes with the last one 1, computed byte by byte.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in Array("default-hash-seed".utf8) + Array(repeating: 0, count: 15) + [1] {
            hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211
        }
        let percentage = Double(hash) / 0x1p64 * 100
        #expect(decide(ProbabilityRule(percentage: percentage + 1e-6), Trace()) == .sampled)
        #expect(decide(ProbabilityRule(percentage: percentage - 1e-6), Trace()) == .notSampled)
    }

    @Test("rate_limiting lets two seconds' worth pass at once, then its rate")
    func spanRate() {
        var rule = SpanRateRule(spansPerSecond: 10)
        let second: UInt64 = 1_000_000_000
        #expect(rule.decide(Trace(spans: 21), at: second) == .notSampled)
        #expect(rule.decide(Trace(spans: 20), at: second) == .sampled)
        #expect(rule.decide(Trace(spans: 1), at: second) == .notSampled)
        #expect(rule.decide(Trace(spans: 6), at: second * 3 / 2) == .notSampled)
        #expect(rule.decide(Trace(spans: 5), at: second * 3 / 2) == .sampled)
        #expect(rule.decide(Trace(spans: 20), at: 100 * second) == .sampled)
        #expect(rule.decide(Trace(spans: 1), at: second) == .notSampled)
    }

    @Test("rate_limiting takes another burst")
    func burst() {
        var rule = SpanRateRule(spansPerSecond: 10, burst: 100)
        #expect(rule.decide(Trace(spans: 100), at: 0) == .sampled)
        #expect(rule.decide(Trace(spans: 1), at: 0) == .notSampled)
    }

    @Test("bytes_limiting counts the bytes of the spans")
    func byteRate() {
        var rule = ByteRateRule(bytesPerSecond: 100)
        #expect(rule.decide(Trace(), at: 0) == .sampled)
        #expect(rule.decide(Trace(), at: 0) == .sampled)
        #expect(rule.decide(Trace(), at: 0) == .notSampled)
        #expect(rule.decide(Trace(), at: 1_000_000_000) == .sampled)
    }
}
