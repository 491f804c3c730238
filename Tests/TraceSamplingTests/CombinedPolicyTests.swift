import Testing
import TraceSampling

@Suite("Policies made of others")
struct CombinedPolicyTests {
    /// Says what it is told to.
    private struct Says: SamplingRule {
        let decision: SamplingDecision

        func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision { decision }
    }

    private func policies(_ decisions: [SamplingDecision]) -> [SamplingPolicy] {
        decisions.enumerated().map { SamplingPolicy("p\($0)", Says(decision: $1)) }
    }

    private func decide(_ rule: any SamplingRule) -> SamplingDecision {
        var rule = rule
        return rule.decide(FixtureTrace(), at: 0)
    }

    @Test(
        "`and` is for a trace when all are, inverted or not",
        arguments: [
            ([SamplingDecision.sampled, .sampled], SamplingDecision.sampled), ([.sampled, .invertedSampled], .sampled),
            ([.sampled, .notSampled], .notSampled), ([.invertedNotSampled, .sampled], .notSampled),
        ])
    func and(parts: [SamplingDecision], decision: SamplingDecision) {
        #expect(decide(AndRule(policies(parts))) == decision)
    }

    @Test(
        "`drop` drops when all are for the trace",
        arguments: [
            ([SamplingDecision.sampled], SamplingDecision.dropped), ([.sampled, .invertedSampled], .dropped),
            ([.sampled, .notSampled], .notSampled), ([.invertedNotSampled], .notSampled),
        ])
    func drop(parts: [SamplingDecision], decision: SamplingDecision) {
        #expect(decide(DropRule(policies(parts))) == decision)
    }

    @Test(
        "`not` says the opposite",
        arguments: [
            (SamplingDecision.sampled, SamplingDecision.notSampled), (.notSampled, .sampled),
            (.invertedSampled, .notSampled), (.invertedNotSampled, .sampled),
        ])
    func not(part: SamplingDecision, decision: SamplingDecision) {
        #expect(decide(NotRule(SamplingPolicy("p", Says(decision: part)))) == decision)
    }

    @Test("`and` does not ask for tokens when a policy before is against")
    func order() {
        let rate = SamplingPolicy("rate", SpanRateRule(spansPerSecond: 1, burst: 1))
        let slow = SamplingPolicy("slow", LatencyRule(milliseconds: 1))
        var rule = AndRule([slow, rate])
        #expect(rule.decide(FixtureTrace(), at: 0) == .notSampled)
        #expect(rule.decide(FixtureTrace([.init(start: 0, end: 2_000_000)]), at: 0) == .sampled)
        #expect(rule.decide(FixtureTrace([.init(start: 0, end: 2_000_000)]), at: 0) == .notSampled)
    }

    // MARK: Composite

    private func composite(_ percents: (Int?, Int?), spansPerSecond: Int = 100) -> CompositeRule {
        CompositeRule(
            [
                (SamplingPolicy("errors", StatusRule([2])), percents.0),
                (SamplingPolicy("rest", AlwaysRule()), percents.1),
            ], spansPerSecond: spansPerSecond)
    }

    private func trace(spans: Int, status: Int = 0) -> FixtureTrace {
        FixtureTrace(Array(repeating: FixtureTrace.Span(status: status), count: spans))
    }

    @Test("`composite` gives each policy its share of the spans of a second")
    func shares() {
        var rule = composite((70, 30))
        #expect(rule.decide(trace(spans: 71, status: 2), at: 0) == .notSampled)
        #expect(rule.decide(trace(spans: 70, status: 2), at: 0) == .sampled)
        #expect(rule.decide(trace(spans: 1, status: 2), at: 0) == .notSampled)
        #expect(rule.decide(trace(spans: 20), at: 0) == .sampled)
        #expect(rule.decide(trace(spans: 11), at: 0) == .notSampled)
        #expect(rule.decide(trace(spans: 10), at: 0) == .sampled)
        #expect(rule.decide(trace(spans: 1), at: 999_999_999) == .notSampled)
        #expect(rule.decide(trace(spans: 30), at: 1_000_000_000) == .sampled)
    }

    @Test("`composite` asks no further when a policy is for a trace that does not fit")
    func first() {
        var rule = composite((10, 90))
        #expect(rule.decide(trace(spans: 11, status: 2), at: 0) == .notSampled)
        #expect(rule.decide(trace(spans: 90), at: 0) == .sampled)
    }

    @Test("`composite` shares what is left among policies without a share", arguments: [(75, 25), (100, 0)])
    func rest(percent: Int, rest: Int) {
        var rule = composite((percent, nil))
        #expect(rule.decide(trace(spans: rest + 1), at: 0) == .notSampled)
        #expect(rule.decide(trace(spans: max(rest, 0)), at: 0) == .sampled)
    }

    @Test("`composite` keeps no more than the total, however large the shares are")
    func total() {
        var rule = composite((100, 100))
        #expect(rule.decide(trace(spans: 60, status: 2), at: 0) == .sampled)
        #expect(rule.decide(trace(spans: 41), at: 0) == .notSampled)
        #expect(rule.decide(trace(spans: 40), at: 0) == .sampled)
    }

    @Test("`composite` without a policy that is for the trace does not sample")
    func none() {
        var rule = CompositeRule([(SamplingPolicy("errors", StatusRule([2])), 100)], spansPerSecond: 10)
        #expect(rule.decide(trace(spans: 1), at: 0) == .notSampled)
    }

    // MARK: All together

    @Test(
        "the final decision: dropped, inverted not sampled, sampled, inverted sampled, not sampled, in this order",
        arguments: [
            ([SamplingDecision.sampled, .dropped], false), ([.sampled, .invertedNotSampled], false),
            ([.sampled, .notSampled], true), ([.notSampled, .sampled, .invertedSampled], true),
            ([.invertedSampled], true), ([.invertedSampled, .notSampled], false), ([.notSampled], false), ([], false),
        ])
    func final(said: [SamplingDecision], isKept: Bool) {
        var sampler = TailSampler(TailSampling(policies: policies(said)))
        #expect(sampler.decide(FixtureTrace(), at: 0) == isKept)
    }

    @Test("policies that drop are asked first, and end the evaluation")
    func dropsFirst() {
        let all = policies([.sampled]) + [SamplingPolicy("drop", DropRule(policies([.sampled])))]
        var sampler = TailSampler(TailSampling(policies: all))
        let isKept = sampler.decide(FixtureTrace(), at: 0)
        #expect(!isKept)
        let counts = sampler.takeCounts()
        #expect(counts.policies.map(\.policy) == ["drop", "p0"])
        #expect(counts.policies.map(\.dropped) == [1, 0])
        #expect(counts.policies.map(\.sampled) == [0, 0])
        #expect(counts.all.dropped == 1)
        let later = sampler.takeCounts()
        #expect(later.all.dropped == 0)
    }

    @Test("sample_on_first_match asks no further")
    func firstMatch() {
        var sampling = TailSampling(policies: policies([.sampled, .invertedNotSampled]))
        var patient = TailSampler(sampling)
        let isKept = patient.decide(FixtureTrace(), at: 0)
        #expect(!isKept)
        sampling.stopsAtFirstMatch = true
        var hasty = TailSampler(sampling)
        let isKeptAtOnce = hasty.decide(FixtureTrace(), at: 0)
        #expect(isKeptAtOnce)
    }
}
